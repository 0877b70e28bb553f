/** Rows of `show stat` as HAProxy 2.6.12 writes them: its columns, in its order, and the zeros each kind of row always shows. */

const columns =
  "pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est,uweight,agg_server_status,agg_server_check_status,agg_check_status,-,ssl_sess,ssl_reused_sess,ssl_failed_handshake,h2_headers_rcvd,h2_data_rcvd,h2_settings_rcvd,h2_rst_stream_rcvd,h2_goaway_rcvd,h2_detected_conn_protocol_errors,h2_detected_strm_protocol_errors,h2_rst_stream_resp,h2_goaway_resp,h2_open_connections,h2_backend_open_streams,h2_total_connections,h2_backend_total_streams,h1_open_connections,h1_open_streams,h1_total_connections,h1_total_streams,h1_bytes_in,h1_bytes_out,h1_spliced_bytes_in,h1_spliced_bytes_out".split(
    ",",
  );
const moduleStart = columns.indexOf("ssl_sess");
const indexOf = new Map(columns.map((name, index) => [name, index]));

export type RowKind = "frontend" | "backend" | "server";

const zeros: Record<RowKind, string> = {
  frontend:
    "dreq dresp ereq rate_lim req_rate req_rate_max req_tot comp_in comp_out comp_byp comp_rsp dcon dses wrew eint sid type",
  backend:
    "qcur qmax dreq dresp eresp wretr wredis cli_abrt srv_abrt comp_in comp_out comp_byp comp_rsp qtime ctime rtime ttime wrew reuse qtime_max ctime_max rtime_max ttime_max eint agg_server_status agg_server_check_status agg_check_status sid",
  server:
    "qcur qmax dresp eresp wretr wredis cli_abrt srv_abrt qtime ctime rtime ttime wrew reuse srv_icur qtime_max ctime_max rtime_max ttime_max eint idle_conn_cur safe_conn_cur used_conn_cur",
};

/** Module columns a kind of row fills: servers have no HTTP counters. */
const moduleColumns: Record<RowKind, number> = { frontend: 24, backend: 24, server: 3 };

function buildTemplate(kind: RowKind): string[] {
  const row = columns.map(() => "");
  for (const name of zeros[kind].split(" ")) row[indexOf.get(name) ?? 0] = "0";
  row[indexOf.get("-") ?? 0] = "-";
  row[indexOf.get("pid") ?? 0] = "1";
  row[indexOf.get("mode") ?? 0] = "tcp";
  row.fill("0", moduleStart, moduleStart + moduleColumns[kind]);
  return row;
}

const templates: Record<RowKind, readonly string[]> = {
  frontend: buildTemplate("frontend"),
  backend: buildTemplate("backend"),
  server: buildTemplate("server"),
};

export const statHeader = `# ${columns.join(",")},\n`;

/** Quotes a field when it holds a quote, a comma or a line break, doubling quotes. */
export function quoteField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One row with its line end; fields that are not given keep what this kind of row always shows. */
export function buildStatRow(kind: RowKind, fields: Readonly<Record<string, string | number>>): string {
  const row = templates[kind].slice();
  for (const name in fields) {
    const index = indexOf.get(name);
    if (index === undefined) throw new RangeError(`HAProxy 2.6 has no column ${name}`);
    const value = fields[name] ?? "";
    row[index] = typeof value === "number" ? String(value) : quoteField(value);
  }
  return `${row.join(",")},\n`;
}
