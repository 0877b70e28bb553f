import type { HaproxyServer } from "../../../../src/model/haproxy.ts";
import { buildR1, buildServer, type Scene } from "../../../support/model-builders.ts";

const settings = (name: string) => ({ name, location: { kind: "unix", path: `/run/${name}.sock` } as const });

/** R1 behind two HAProxies with the same servers. */
export function buildR1Twice(): Scene {
  const scene = buildR1().configure({ haproxies: [settings("lb1"), settings("lb2")] });
  scene.addHaproxy("lb2", scene.haproxyReport("lb1").servers);
  return scene;
}

/** One reader backend of many servers whose nodes are not known. */
export function buildWide(count: number, patch: Partial<HaproxyServer> = {}): Scene {
  const scene = buildR1();
  const servers = Array.from({ length: count }, (_, index) =>
    buildServer(`wide/s${index}`, `10.1.0.${index}:3306`, patch),
  );
  return scene.addHaproxy("lb1", [...scene.haproxyReport("lb1").servers, ...servers]);
}
