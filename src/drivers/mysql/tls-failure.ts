/** What can go wrong with TLS, in words: which certificate, what is wrong with it, what to do. */
import type { PeerCertificate } from "node:tls";
import type { FailureKind } from "../../model/reading.ts";

/** What was seen of an error of TLS; kept in its field `tls`, because the client library replaces its code. */
export interface TlsEvidence {
  readonly code: string | null;
  readonly certificate: CertificateFacts | null;
  /** Name the certificate had to be for; null when that was not asked. */
  readonly identity: string | null;
}

interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly names: string;
  /** As OpenSSL writes them, e.g. `Nov 18 23:54:15 2026 GMT`. */
  readonly validFrom: string;
  readonly validTo: string;
}

interface TlsMeaning {
  readonly kind: FailureKind;
  readonly what: string;
  readonly advice: string;
}

/** Null when the server showed none. */
export function describeCertificate(certificate: Partial<PeerCertificate> | null): CertificateFacts | null {
  if (certificate?.valid_to === undefined) return null;
  const { subject, issuer, subjectaltname, valid_from, valid_to } = certificate;
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    names: subjectaltname ?? `CN ${nameOf(subject)}`,
    validFrom: valid_from ?? "",
    validTo: valid_to,
  };
}

function nameOf(name: PeerCertificate["subject"] | undefined): string {
  const part = name?.CN ?? name?.OU ?? name?.O ?? "no name";
  return String(part);
}

/** The evidence of an error, or what its own code tells; null for an error that is not about TLS. */
export function readTlsEvidence(error: unknown): TlsEvidence | null {
  if (!(error instanceof Error)) return null;
  const { tls, code } = error as { tls?: TlsEvidence; code?: unknown };
  if (tls !== undefined) return tls;
  return typeof code === "string" && isTlsCode(code) ? { code, certificate: null, identity: null } : null;
}

function isTlsCode(code: string): boolean {
  return /^(ERR_(TLS|SSL|OSSL)|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|EPROTO|HANDSHAKE_SSL_ERROR)/.test(
    code,
  );
}

const renew =
  "Renew it on the server and let the server read it (MariaDB: FLUSH SSL, MySQL: ALTER INSTANCE RELOAD TLS). Look at the clock of this machine too.";
const trust =
  "Set ca: to the file of the authority that signed it (a server that made its certificates itself keeps ca.pem in its data directory). tls: required encrypts without asking who answers.";

type Describe = (evidence: TlsEvidence) => Omit<TlsMeaning, "kind">;

const byCode: Readonly<Record<string, Describe>> = {
  CERT_HAS_EXPIRED: ({ certificate }) =>
    certificate !== null && Date.parse(certificate.validTo) > Date.now()
      ? {
          what: `an authority's certificate behind ${describe(certificate)} has expired`,
          advice: `Renew it in ca: and on the server.`,
        }
      : { what: `${describe(certificate)} has expired${on(certificate?.validTo)}`, advice: renew },
  CERT_NOT_YET_VALID: ({ certificate }) => ({
    what: `${describe(certificate)} is not valid yet${certificate === null ? "" : `, only from ${certificate.validFrom}`}`,
    advice: "Compare the clocks of this machine and of the one that made the certificate.",
  }),
  DEPTH_ZERO_SELF_SIGNED_CERT: ({ certificate }) => ({
    what: `${describe(certificate)} is signed by itself, and by no authority that is trusted`,
    advice: "If it is meant, set ca: to a copy of that certificate. tls: required encrypts without asking who answers.",
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: ({ certificate, identity }) => ({
    what: `the server's certificate is not for ${identity ?? "this name"}, but for ${certificate?.names ?? "others"}`,
    advice:
      "Another server may answer there. If it is the right one, set server_name: to a name in its certificate, or have one made for this address; tls: verify-ca asks for the authority only.",
  }),
  ...Object.fromEntries(
    [
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "CERT_UNTRUSTED",
    ].map((code): [string, Describe] => [
      code,
      ({ certificate }) => ({
        what: `${describe(certificate)} was signed by an authority that is not trusted${certificate === null ? "" : ` (${certificate.issuer})`}`,
        advice: trust,
      }),
    ]),
  ),
  CERT_SIGNATURE_FAILURE: ({ certificate }) => ({
    what: `the signature of ${describe(certificate)} does not come from the authority it names`,
    advice: "The authority has other keys now, or somebody pretends to be it: compare ca: with the one the server has.",
  }),
};

const groups: ReadonlyArray<readonly [RegExp, Omit<TlsMeaning, "kind">]> = [
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|(UNSUPPORTED_)?CERTIFICATE|NO_CERTIFICATE|DECRYPT_ERROR)/,
    {
      what: "the server refused the client certificate",
      advice: "Set cert: and key: to one that is still valid and signed by an authority the server has in its ssl_ca.",
    },
  ],
  [
    /PROTOCOL|VERSION|HANDSHAKE_FAILURE|NO_CIPHERS|NO_SHARED|INSUFFICIENT_SECURITY|DH_KEY_TOO_SMALL|EE_KEY_TOO_SMALL/,
    {
      what: "the server and signalbox share no TLS version or cipher",
      advice: "signalbox speaks TLS 1.2 and 1.3; set tls_version on the server, or tls: off for this node.",
    },
  ],
  [
    /^(ECONNRESET|EPIPE)$/,
    {
      what: "the connection was cut while encryption was set up",
      advice: "See the server's error log; something between the two may not let TLS pass.",
    },
  ],
];

const other: Omit<TlsMeaning, "kind"> = {
  what: "the encrypted connection could not be set up",
  advice: "Check ca, cert and key, the certificate's names and dates, and that both sides share a TLS version.",
};

export function explainTls(evidence: TlsEvidence): TlsMeaning {
  const code = evidence.code ?? "";
  const known = Object.hasOwn(byCode, code) ? byCode[code]?.(evidence) : undefined;
  return { kind: "tls", ...(known ?? groups.find(([form]) => form.test(code))?.[1] ?? other) };
}

function describe(certificate: CertificateFacts | null): string {
  return certificate === null ? "the server's certificate" : `the server's certificate (${certificate.subject})`;
}

function on(date: string | undefined): string {
  return date === undefined ? "" : ` on ${date}`;
}
