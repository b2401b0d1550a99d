/** What the nightly jobs need to know, from the environment of the service. */
export function contextFrom(env) {
  return {
    uploads: required(env, "UPLOADS_DIR"),
  };
}

function required(env, name) {
  const value = env[name];
  if (!value) {
    throw new Error(`${name} is not set`);
  }
  return value;
}
