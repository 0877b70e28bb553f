// vitest reporter: one line per file that begins or ends and per test that is over, for whoever waits for the run (watched-run.js).
import { appendFileSync } from "node:fs";
import { relative } from "node:path";

const file = process.env.SIGNALBOX_PROGRESS;
const say = (word, module) => {
  if (file) appendFileSync(file, `${word} ${relative(process.cwd(), module.moduleId)}\n`);
};

export default class LaneReporter {
  onTestModuleStart(module) {
    say("begin", module);
  }
  onTestCaseResult(test) {
    say("test", test.module);
  }
  onHookEnd({ entity }) {
    say("hook", entity.type === "module" ? entity : entity.module);
  }
  onTestModuleEnd(module) {
    say("end", module);
  }
}
