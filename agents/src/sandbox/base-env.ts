/** Where certificates are told to be; a job behind a company's proxy can reach nothing without. */
const PASSED_ALWAYS = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'TZ'];

export type BaseEnvOptions = {
  /** `PATH` inside. */
  path: string;
  /** Home folder, as seen inside. */
  home: string;
  /** Further variables of the agent that the operator lets through. */
  passed: string[];
};

/** What every job and every instance finds in its environment: an allow-list, never what the agent happens to have. */
export function baseEnv({ path, home, passed }: BaseEnvOptions, agentEnv: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const through = [...PASSED_ALWAYS, ...passed].flatMap((name) => {
    const value = agentEnv[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    PATH: path,
    HOME: home,
    USER: 'job',
    LOGNAME: 'job',
    SHELL: '/bin/sh',
    LANG: agentEnv.LANG ?? 'C.UTF-8',
    ...Object.fromEntries(through),
  };
}
