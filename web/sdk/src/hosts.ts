import { invalidValue } from './errors';

/** Where a server's HTTP and socket are: origins with an optional path, without a slash at the end. */
export interface Hosts {
  readonly api: string;
  readonly socket: string;
}

let scriptUrl: string | undefined;

/** Remembers where the SDK itself was loaded from, if that is a server of ours: only the entries know. */
export function rememberScript(url: string | undefined, pattern: RegExp): void {
  if (url && /^https?:/.test(url) && pattern.test(new URL(url).pathname)) scriptUrl = url;
}

/**
 * The server's address: what `init` was given, else `<meta name="offhook-host">`, else `globalThis.OFFHOOK_HOST`, else
 * the origin of the SDK's script. Never the page's own origin: a bundled SDK would find itself there.
 */
export function resolveHosts(apiHost?: string, socketHost?: string): Hosts {
  const api = apiHost || socketHost || hostOfPage() || (scriptUrl && new URL(scriptUrl).origin);
  if (!api) {
    throw invalidValue(
      'No server is known: give init(appId, apiHost) a host, or set <meta name="offhook-host" content="…"> or ' +
        'globalThis.OFFHOOK_HOST, or load the SDK from the server itself.',
    );
  }
  return { api: address(api, 'http'), socket: address(socketHost || api, 'ws') };
}

function hostOfPage(): string | undefined {
  if (typeof document !== 'undefined') {
    const meta = document.querySelector('meta[name="offhook-host"]')?.getAttribute('content')?.trim();
    if (meta) return meta;
  }
  const host = (globalThis as { OFFHOOK_HOST?: unknown }).OFFHOOK_HOST;
  return typeof host === 'string' && host.trim() ? host.trim() : undefined;
}

/** Makes an address of what people write: `host`, `host:port`, or a URL of either kind. */
function address(host: string, kind: 'http' | 'ws'): string {
  const match = /^(?:(https?|wss?):\/\/)?(.*)$/i.exec(host.trim());
  const scheme = match?.[1]?.toLowerCase();
  const rest = (match?.[2] ?? '').replace(/\/+$/, '');
  const isSecure = scheme ? scheme === 'https' || scheme === 'wss' : !isLoopback(rest);
  const url = `${kind}${isSecure ? 's' : ''}://${rest}`;
  try {
    if (rest) return new URL(url).href.replace(/\/+$/, '');
  } catch {
    // Told below.
  }
  throw invalidValue(`"${host}" is not a host: write example.org, example.org:8443 or https://example.org.`);
}

function isLoopback(rest: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(\/|$)/i.test(rest);
}
