import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { log } from "./log.js";

const run = promisify(execFile);

/** Fetches every repository of the list into a bare mirror below `mirrors`. */
export async function mirrorAll({ mirrors, repositories, host, token, git = runGit }) {
  const failed = [];
  for (const name of repositories) {
    try {
      await mirrorOne({ mirrors, name, host, token, git });
    } catch (error) {
      failed.push(name);
      log.warn("mirror failed", { repository: name, error: error.message });
    }
  }
  if (failed.length > 0) {
    throw new Error(`could not mirror ${failed.join(", ")}`);
  }
}

async function mirrorOne({ mirrors, name, host, token, git }) {
  checkName(name);
  const target = join(mirrors, `${name}.git`);
  const remote = `https://${host}/${name}.git`;
  if (!(await exists(target))) {
    await git(["init", "--bare", "--quiet", target], token);
  }
  await git(["-C", target, "fetch", "--prune", "--quiet", remote, "+refs/*:refs/*"], token);
}

function checkName(name) {
  if (!/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw new Error(`"${name}" is not the name of a repository`);
  }
}

async function exists(path) {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** The token goes by the environment: arguments can be seen by everyone on the host. */
function runGit(args, token) {
  const options = {
    timeout: 15 * 60 * 1000,
    env: {
      ...process.env,
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "http.extraHeader",
      GIT_CONFIG_VALUE_0: `Authorization: Bearer ${token}`,
    },
  };
  log.info("running git", { args, options });
  return run("git", args, options);
}
