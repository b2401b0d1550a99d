/** What the nightly jobs need to know, from the environment of the service. */
export function contextFrom(env) {
  return {
    uploads: required(env, "UPLOADS_DIR"),
    mirrors: required(env, "MIRRORS_DIR"),
    repositories: required(env, "MIRROR_REPOSITORIES").split(","),
    host: required(env, "MIRROR_HOST"),
    token: required(env, "MIRROR_TOKEN"),
  };
}

function required(env, name) {
  const value = env[name];
  if (!value) {
    throw new Error(`${name} is not set`);
  }
  return value;
}
