import { createClient } from "./http.js";

export const catalogue = (env) => createClient(env.CATALOGUE_URL, env.CATALOGUE_TOKEN);
export const gateway = (env) => createClient(env.GATEWAY_URL, env.GATEWAY_TOKEN);
