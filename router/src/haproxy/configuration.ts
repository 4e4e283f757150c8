import { createHash } from 'node:crypto';
import type { EnvironmentRoutes, RouteOptions } from '@slipway/protocol';

/** An instance as HAProxy knows it. */
export type Server = { name: string; host: string; port: number /** 0–256 */; weight: number };

/** One environment in the configuration. `number` names it in log lines; it is not used by another while this one is known. */
export type ConfiguredEnvironment = { environmentId: string; number: number; routes: EnvironmentRoutes; servers: readonly Server[] };

/** All relative to HAProxy's working directory: the path of a socket may be 107 bytes long at most, and nothing needs quoting. */
export type Sockets = { runtime: string; exporter: string };
/** Which reason environments have for serving nothing; changed by the runtime API. */
export const REASONS_MAP = 'reasons.map';
/** Which servers a release has; changed by the runtime API. */
export const INSTANCES_MAP = 'instances.map';
const PAGES = 'pages';
export const certificatesFolder = (port: number | ''): string => `certificates-${port}`;

export type Settings = {
  confinement: Confinement | null;
  ipv6: boolean;
  trustedProxies: readonly string[];
  /** More wait until one ends: nobody can take all that HAProxy has for the environments of other ports. */
  maxConnectionsPerPort: number;
};

/** Set when HAProxy is started as root: it lives on without rights and sees no files. */
export type Confinement = { uid: number; gid: number; chroot: string };

/** Names in the log line: the environment's number, the release (or -), status, how it ended, ms of waiting, connecting, answering, bytes in and out. */
const LOG_FIELDS = '%[be_id] %[srv_name,field(1,.)] %ST %ts %Tw %Tc %Tr %U %B';
/** A pipe takes up to 4,096 bytes as a whole; of longer ones, those of two processes would mix. */
const LINE_BYTES = 4_000;
/** Further fields where an access log is kept, of fewer bytes than that together. Cut last: escaping makes six bytes of one. */
const ACCESS_FIELDS = [
  '%[date].%ms',
  '%ci',
  '%[capture.req.method,bytes(0,40)]',
  '%[capture.req.uri,json(utf8s),bytes(0,2000)]',
  '%[capture.req.hdr(0),json(utf8s),bytes(0,500)]',
  '%[capture.req.hdr(1),json(utf8s),bytes(0,1000)]',
];
/** Of backends in HAProxy; those below are given by HAProxy itself. */
export const FIRST_BACKEND_ID = 100_000;
/** HAProxy takes no more than these, however many the system allows: it keeps a table of them. */
export const MAX_DESCRIPTORS = 100_000;
/**
 * Holds a head of this many bytes, less 1 KiB that HAProxy may add to it. A request that may be repeated is kept as a copy of the whole
 * buffer: with 64 KiB that took a third of the rate.
 */
const BUFFER_BYTES = 24_576;
/** Of the sessions of Slipway's page: browsers send a cookie to every port of a host, and let every port set it. */
const OWN_COOKIE = 'slipway_[0-9a-f]{12}';
/** What the name of a header consists of (RFC 9110, 5.6.2), in quotes of HAProxy. */
const NAME = "-!#\\$%&'*+.^_`|~0-9A-Za-z";
/** Headers that are refused, changed or dropped, whatever they say. */
const TREATED = '(^|,)(x[^a-z0-9](forwarded|real)|(forwarded|transfer-encoding|upgrade)(,|\\$))';
/** Nothing in such a request is refused, changed or dropped, so no rule for that is evaluated: they took a third of HAProxy's own time. */
const USUAL = [
  '{ url -m beg / } !METH_CONNECT',
  `!{ req.hdr_names -m reg "[^${NAME},]|${TREATED}" }`,
  "!{ req.fhdr(Connection) -m reg -i '^(?!(keep-alive|close)$)' }",
  '!{ req.fhdr(Cookie) -m sub slipway_ }',
  '!{ req.hdr(Content-Length) -m reg .{19} }',
  '!{ req.hdrs -m reg \\\\x00 }',
].join(' ');
/** Nothing is sent twice that may have changed something. */
const REPEATABLE = 'GET HEAD OPTIONS PUT DELETE TRACE';
/** How many ways there are to spread what is sent to a release by its name over its instances. */
export const SPREAD = 16;

export function serverName(releaseId: string, instanceId: string): string {
  return `${releaseId}.${instanceId}`;
}

/** A pure function of what should be served; see docs/adr for why each directive is there. */
export function configuration(environments: readonly ConfiguredEnvironment[], sockets: Sockets, settings: Settings): string {
  const ports = [...Map.groupBy(environments, ({ routes }) => routes.port)].sort(([a], [b]) => a - b);
  return [
    general(sockets, settings.confinement),
    ...ports.flatMap(([port, served]) => [
      frontend(port, served, settings),
      ...served.map((environment) => backend(environment, isSecure(served), settings)),
    ]),
  ].join('\n');
}

/** Two configurations with the same shape differ in nothing but what the runtime API can change. */
export function shapeOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('  server ') && !line.startsWith('  stats socket ') && !line.startsWith('  bind unix@'))
    .join('\n');
}

function general(sockets: Sockets, confinement: Confinement | null): string {
  const confined = confinement ? [`  uid ${confinement.uid}`, `  gid ${confinement.gid}`, `  chroot ${confinement.chroot}`] : [];
  return `global
  fd-hard-limit ${MAX_DESCRIPTORS}
  noreuseport
  tune.bufsize ${BUFFER_BYTES}
  tune.http.maxhdr 1024
  spread-checks 5
  stats socket unix@${sockets.runtime} mode 600 level admin expose-fd listeners
  stats timeout 24d
${confined.join('\n')}

defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 24d
  timeout http-request 60s
  timeout http-keep-alive 75s
  option tcpka
  option redispatch 1
  retries 3
  option idle-close-on-response
  option accept-invalid-http-request
  option http-ignore-probes
  option abortonclose
  option http-no-delay
${[400, 408, 502, 503, 504].map((status) => `  errorfile ${status} ${PAGES}/${status}.http`).join('\n')}

frontend exporter
  bind unix@${sockets.exporter} mode 600
  http-request use-service prometheus-exporter

backend streams
  stick-table type string len 80 size 100k expire 1h store conn_cur

backend nowhere
${page('not_here', 404)}
`;
}

function isSecure(served: readonly ConfiguredEnvironment[]): boolean {
  return served.some(({ routes }) => routes.options.certificates.length > 0);
}

function frontend(
  port: number,
  served: readonly ConfiguredEnvironment[],
  { ipv6, trustedProxies, maxConnectionsPerPort }: Settings,
): string {
  const access = served.some(({ routes }) => routes.options.accessLog);
  const secure = isSecure(served) ? ` ssl crt ${certificatesFolder(port)} alpn h2,http/1.1` : '';
  const plain = served.find(({ routes: { options } }) => options.hosts.length + options.paths.length === 0);
  return `frontend port-${port}
  bind 0.0.0.0:${port}${secure}
${ipv6 ? `  bind :::${port} v6only${secure}` : ''}
  maxconn ${maxConnectionsPerPort}
  log fd@3 len ${LINE_BYTES} format raw daemon info
  log-format "${access ? [LOG_FIELDS, ...ACCESS_FIELDS].join('\\t') : LOG_FIELDS}"
${access ? '  capture request header Host len 300\n  capture request header User-Agent len 300' : ''}
  tcp-request connection set-var-fmt(sess.client) %[src]
  http-request allow if ${USUAL}
  http-request set-var(txn.names) req.hdr_names
  http-request deny status 400 if { var(txn.names) -m reg "[^${NAME},]" }
  http-request deny status 400 if { req.hdrs -m reg \\\\x00 }
  http-request deny status 400 if { req.hdr(Content-Length) -m reg .{19} }
  http-request deny status 400 if { req.hdr(Transfer-Encoding) -m found } !{ req.fhdr(Transfer-Encoding) -m str -i chunked }
  http-request deny status 400 if { req.hdr(Transfer-Encoding) -m found } HTTP_1.0
  http-request set-var(txn.absolute) url if !{ url -m beg / } { url -m reg -i ^[a-z]+:// }
  http-request set-uri '%[var(txn.absolute),regsub("^[A-Za-z]+://[^/?]*","")]' if { var(txn.absolute) -m reg ^[^:]+://[^/?]*/ }
  http-request set-uri '/%[var(txn.absolute),regsub("^[A-Za-z]+://[^/?]*","")]' if { var(txn.absolute) -m reg ^[^:]+://[^/?]*([?]|$) }
  http-request set-header Host %[var(txn.absolute),field(3,/),field(1,?),field(-1,@)] if { var(txn.absolute) -m found }
${forged(trustedProxies)}
  http-request deny status 405 if METH_CONNECT
  http-request del-header HTTP2-Settings if { req.hdr(Upgrade) -m found }
  http-request del-header Upgrade if { req.hdr(Upgrade) -i h2c }
  http-request del-header Connection unless { req.hdr(Upgrade) -m found } { req.hdr(Connection) -i upgrade }
  http-request set-header Connection upgrade if { req.hdr(Connection) -m found }
  http-request set-header Cookie '%[req.fhdr(Cookie),regsub("(^|; *)(__Host-)?${OWN_COOKIE}=[^;]*","",g),regsub("^; *","")]' if { req.fhdr(Cookie) -m sub slipway_ } { req.fhdr_cnt(Cookie) eq 1 }
  http-request del-header Cookie if { req.fhdr(Cookie) -m len 0 } { req.fhdr_cnt(Cookie) eq 1 }
  http-response del-header Keep-Alive
  http-response replace-header Set-Cookie '^ *(__Host-)?${OWN_COOKIE} *=.*' 'slipway-refused=; Max-Age=0'
${choices(served).join('\n')}
  default_backend ${plain?.environmentId ?? 'nowhere'}
`;
}

function fromTrusted(proxies: readonly string[]): string | null {
  return proxies.length > 0 ? `{ src ${proxies.join(' ')} }` : null;
}

/** What clients say of who asked, and how, in any spelling is dropped, as applications believe it. */
function forged(proxies: readonly string[]): string {
  const trusted = fromTrusted(proxies);
  // A proxy speaks in the usual spelling; others come through it from its clients, and CGI can't tell them apart.
  const misspelt = trusted
    ? ['^x[^-a-z0-9]forwarded', '^x-forwarded.*[^-a-z0-9]'].map((name) => `  http-request del-header ${name} -m reg\n`).join('')
    : '';
  return `${misspelt}  http-request del-header ^x[^a-z0-9]forwarded -m reg if { var(txn.names) -m sub forwarded }${trusted ? ` !${trusted}` : ''}
  http-request del-header ^(forwarded$|x[^a-z0-9]real[^a-z0-9]ip$) -m reg if { var(txn.names) -m sub forwarded real }`;
}

/** Said to the application; a trusted proxy has said it already, and limits and logs are of the client that it names. */
function forwarded(port: number, secure: boolean, proxies: readonly string[]): string {
  const client = '%[var(sess.client)]';
  const trusted = fromTrusted(proxies);
  const said = [
    ['X-Forwarded-Proto', secure ? 'https' : 'http', ''],
    ['X-Forwarded-Host', '%[req.fhdr(Host)]', ' { req.fhdr(Host) -m found }'],
    ['X-Forwarded-Port', port, ''],
  ] as const;
  if (!trusted)
    return [['X-Real-IP', client, ''] as const, ['X-Forwarded-For', client, ''] as const, ...said]
      .map(([name, value, condition]) => `  http-request add-header ${name} ${value}${condition && ` if${condition}`}`)
      .join('\n');
  // The last address is the proxy's own. Many let what clients say of X-Real-IP through, so it is read from what they do say themselves.
  const behind = 'req.hdr_ip(X-Forwarded-For,-2)';
  return `  http-request set-header X-Real-IP ${client}
  http-request set-header X-Real-IP %[req.hdr(X-Forwarded-For,-1)] if ${trusted} { req.hdr(X-Forwarded-For) -m found }
  http-request add-header X-Forwarded-For ${client}
${said.map(([name, value, also]) => `  http-request set-header ${name} ${value} if !${trusted}${also} or !{ req.hdr(${name}) -m found }${also}`).join('\n')}
  http-request set-src ${behind} if ${trusted} { ${behind} -m found }`;
}

/** Longer paths first, so that the narrower address wins; then names before wildcards. */
function choices(served: readonly ConfiguredEnvironment[]): string[] {
  const rules = served.flatMap(({ environmentId, routes: { options } }) => {
    if (options.hosts.length + options.paths.length === 0) return [];
    const hosts = options.hosts.length > 0 ? options.hosts : [null];
    const paths = options.paths.length > 0 ? options.paths : [null];
    return hosts.flatMap((host) => paths.map((path) => ({ environmentId, host, path })));
  });
  const rank = (rule: (typeof rules)[number]) => (rule.path?.length ?? 0) * 1_000 + (rule.host ? (rule.host.startsWith('*') ? 1 : 500) : 0);
  return rules
    .sort((a, b) => rank(b) - rank(a))
    .map(
      ({ environmentId, host, path }) =>
        `  use_backend ${environmentId} if${host ? hostCondition(host) : ''}${path ? pathCondition(path) : ''}`,
    );
}

/** Without port; a dot at its end only says that the name is whole. */
const HOST_NAME = 'req.fhdr(Host),field(1,:),rtrim(.),lower';

function hostCondition(host: string): string {
  return host.startsWith('*.') ? ` { ${HOST_NAME} -m end -- ${host.slice(1)} }` : ` { ${HOST_NAME} -m str -- ${host} }`;
}

/** `/shop` is the address of `/shop` and of all below it, but not of `/shopping`. */
function pathCondition(path: string): string {
  return path.endsWith('/') ? ` { path -m beg ${path} }` : ` { path -m reg ^${path.replaceAll('.', '[.]')}(/|$) }`;
}

function backend({ environmentId, number, routes, servers }: ConfiguredEnvironment, secure: boolean, { trustedProxies }: Settings): string {
  const { options, port } = routes;
  return `backend ${environmentId}
  # at once: ${options.maxConcurrent ?? 'no limit'}; files: ${digestOfFiles(options)}
  id ${FIRST_BACKEND_ID + number}
  balance roundrobin
  http-reuse never
  timeout queue ${options.maxQueueMs}
  retry-on conn-failure empty-response
  http-request disable-l7-retry unless { method ${REPEATABLE} }
${forwarded(port, secure, trustedProxies)}
${[...limits(environmentId, options), ...chosen(environmentId, options), ...unavailable(environmentId, number, options)].join('\n')}
  http-response track-sc0 srv_name table streams if { status 101 } or { res.hdr(Content-Type) -m beg text/event-stream }
${servers.map((server) => `  server ${serverLine(server, options)}`).join('\n')}
`;
}

/** What stands in files beside the configuration is a part of its shape. */
function digestOfFiles({ certificates, maintenance }: RouteOptions): string {
  return createHash('sha256')
    .update(JSON.stringify([certificates, maintenance]))
    .digest('hex');
}

/** As a line of the configuration and as a command of the runtime API have it. Its own checks only see whether a connection comes about. */
export function serverLine({ name, host, port, weight }: Server, { maxConcurrent }: RouteOptions): string {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const limit = maxConcurrent === null ? '' : ` maxconn ${maxConcurrent}`;
  return `${name} ${address} weight ${weight}${limit} check inter 1s downinter 200ms fall 1 rise 1 observe layer4 error-limit 1 on-error mark-down`;
}

function limits(environmentId: string, options: RouteOptions): string[] {
  const { maxBodyBytes, maxRequestsPerSecond } = options;
  const rate = [
    `  stick-table type ipv6 size 100k expire 10s store http_req_rate(1s)`,
    // Whoever has an IPv6 address has the 2^64 of its network. IPv4 addresses come as IPv6 ones.
    '  http-request track-sc1 src if { src 0.0.0.0/0 }',
    '  http-request track-sc1 src,ipmask(32,64) unless { src 0.0.0.0/0 }',
    page('too_many', 429, `{ sc_http_req_rate(1,${environmentId}) gt ${maxRequestsPerSecond} }`, 'hdr Retry-After 1'),
  ];
  const size = [
    page('length_required', 411, '{ req.hdr(Transfer-Encoding) -m found }'),
    page('too_large', 413, `{ req.hdr_val(Content-Length) gt ${maxBodyBytes} }`),
  ];
  return [...(maxRequestsPerSecond === null ? [] : rate), ...(maxBodyBytes === null ? [] : size)];
}

function unavailable(environmentId: string, number: number, { maintenance }: RouteOptions): string[] {
  if (maintenance !== null) return [page(`maintenance-${number}`, 503, 'TRUE', 'hdr Retry-After 60')];
  // A process that is finishing its requests reports no servers although it has some.
  const served = '{ nbsrv gt 0 } or { stopping }';
  const unhealthy = `{ str(${environmentId}),map(${REASONS_MAP}) -m str unhealthy }`;
  return [`  http-request allow if ${served}`, page('unhealthy', 503, unhealthy), page('nothing_deployed', 503)];
}

/** Requests that go to a release by its name, or to an instance. */
function chosen(environmentId: string, { picks, sticky }: RouteOptions): string[] {
  if (picks.length === 0 && sticky === 'no') return [];
  const fetch = { header: 'req.hdr', cookie: 'req.cook' };
  const byRelease = `str(${environmentId}.),concat(,txn.release,.),concat(,txn.spread),map(${INSTANCES_MAP})`;
  return [
    ...picks.map(
      ({ from, name, value, releaseId }) =>
        `  http-request set-var(txn.release) str(${releaseId}) if { '${fetch[from]}(${name})' -m str -- '${value}' }`,
    ),
    ...(sticky === 'release' ? ['  http-request set-var(txn.release) req.cook(slipway-release) unless { var(txn.release) -m found }'] : []),
    `  http-request set-var(txn.spread) rand(${SPREAD})`,
    `  use-server %[${byRelease}] if { var(txn.release) -m found } { ${byRelease} -m found }`,
    ...(sticky === 'instance' ? ['  use-server %[req.cook(slipway-instance)] if { req.cook(slipway-instance) -m found }'] : []),
    ...(sticky === 'no' ? [] : [stickyCookie(sticky)]),
  ];
}

function stickyCookie(sticky: 'release' | 'instance'): string {
  const value = sticky === 'release' ? '%[srv_name,field(1,.)]' : '%[srv_name]';
  return `  http-response add-header Set-Cookie "slipway-${sticky}=${value}; Path=/; HttpOnly; SameSite=Lax"`;
}

/** For people as a page, for programs as a line of text. */
function page(name: string, status: number, condition = 'TRUE', headers = ''): string {
  const answer = (type: string, extension: string) =>
    `  http-request return status ${status} content-type "${type}; charset=utf-8" file ${PAGES}/${name}.${extension} hdr Cache-Control no-store ${headers}`;
  return `${answer('text/html', 'html')} if ${condition} { req.hdr(Accept) -m sub text/html }\n${answer('text/plain', 'txt')} if ${condition}`;
}
