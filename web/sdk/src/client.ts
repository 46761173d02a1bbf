import { Calls } from './call/calls';
import type { ItemsRequest } from './call/custom-items';
import { chatChannelUrlOf, findObstacle, itemsOf, timeoutOf, webhookOf } from './call/dial-params';
import { Call } from './call/direct-call';
import type { CallHost } from './call/host';
import { LogQuery } from './call/log-query';
import { callIdOf } from './call/webhook-data';
import { ErrorCode } from './enums';
import { CallError, notAuthenticated, notConnected, notInitialized, settle, textOf } from './errors';
import { EventQueue } from './events';
import type { AuthenticateResponse } from './generated/AuthenticateResponse';
import { type Hosts, resolveHosts } from './hosts';
import { Listeners } from './listeners';
import { Logger } from './logger';
import { type DeviceKind, Devices, type DevicesOwner } from './media/devices';
import type { Platform } from './platform';
import { uuid } from './random';
import { readAuthOption } from './session/auth-option';
import { Device } from './session/device';
import { readPushToken, readTokenType } from './session/push-tokens';
import { Renewal } from './session/renewal';
import { Tickets } from './session/tickets';
import { Party, SignedIn } from './session/user';
import { Http } from './signal/http';
import { SignalSocket, type SocketOwner } from './signal/socket';
import { Sounds } from './sounds';
import type {
  AuthHandler,
  AuthOption,
  ConnectionState,
  CustomItemsHandler,
  CustomItemsResult,
  DialHandler,
  DialParams,
  DirectCall,
  DirectCallLogListQuery,
  DirectCallLogListQueryParams,
  SendBirdCallListener,
  SendBirdCallRecordingListener,
  User,
  WebhookData,
} from './surface';

interface Session {
  readonly hosts: Hosts;
  readonly user: SignedIn;
  readonly key: string;
}

/** What the face shows as read-only values. */
export interface Shown {
  appId: string | undefined;
  currentUser: User | undefined;
  connectionState: ConnectionState;
}

/** The SDK behind its face: one application, at most one user, and their calls. */
export class Client {
  readonly events: EventQueue;
  readonly logger = new Logger();
  readonly listeners: Listeners<SendBirdCallListener>;
  readonly recordings: Listeners<SendBirdCallRecordingListener>;
  readonly sounds: Sounds;
  readonly devices: Devices;
  readonly renewal: Renewal;
  private readonly http: Http;
  private readonly tickets = new Tickets();
  private readonly calls: Calls;
  private readonly shown: Shown = { appId: undefined, currentUser: undefined, connectionState: 'closed' };
  private connection: SignalSocket | undefined;
  private hostArguments: [string | undefined, string | undefined] = [undefined, undefined];
  private session: Session | undefined;
  private signingIn: Promise<User> | undefined;
  /** Raised by whatever makes a sign-in that is under way worthless. */
  private epoch = 0;
  private ringingTimeoutS: number | undefined;
  private connectionTimeoutS: number | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly show: (shown: Readonly<Shown>) => void,
  ) {
    this.events = new EventQueue(platform.reportError);
    this.listeners = new Listeners(this.events);
    this.recordings = new Listeners(this.events);
    this.sounds = new Sounds(platform, this.logger);
    this.http = new Http(platform);
    this.devices = new Devices(platform, this.logger, this.devicesOwner());
    this.renewal = new Renewal(this.events, platform.now, (token) => this.prolong(token));
    this.calls = new Calls(this.callHost(), (call) => this.listeners.tellNow('onRinging', call));
  }

  init(appId: string, apiHost?: string, websocketHost?: string): void {
    textOf(appId, 'appId');
    if (appId === this.shown.appId) return;
    this.deauthenticate();
    this.hostArguments = [apiHost || undefined, websocketHost || undefined];
    this.change({ appId });
    this.devices.watch();
  }

  authenticate(option: AuthOption, handler?: AuthHandler | null): Promise<User> {
    const before = this.signingIn?.catch(() => undefined);
    const work = this.signIn(option, before, this.epoch);
    this.signingIn = work;
    const done = () => {
      if (this.signingIn === work) this.signingIn = undefined;
    };
    work.then(done, done);
    return settle(work, handler, this.platform.reportError);
  }

  async connectWebSocket(): Promise<void> {
    if (!this.shown.appId) throw notInitialized();
    await this.signingIn?.catch(() => undefined);
    if (!this.session) throw notAuthenticated();
    return this.socket().connect();
  }

  deauthenticate(): void {
    this.epoch += 1;
    this.signingIn = undefined;
    this.dropCalls();
    this.connection?.close();
    if (this.session) this.http.endSession(this.session.hosts.api, this.session.key);
    this.setSession(undefined);
    this.renewal.stop();
    this.calls.clear();
  }

  dial(params: DialParams, callback?: DialHandler | null): DirectCall {
    if (!this.shown.appId) throw notInitialized();
    const me = this.session?.user;
    const call = new Call(this.callHost(), {
      callId: uuid(this.platform),
      role: 'dc_caller',
      isVideoCall: Boolean(params?.isVideoCall),
      caller: me ? Party.of(me, 'dc_caller') : Party.named('', 'dc_caller'),
      callee: Party.named(String(params?.userId ?? ''), 'dc_callee'),
      customItems: itemsOf(params),
    });
    const obstacle = this.obstacleTo(params);
    this.calls.add(call);
    const request = {
      userId: String(params?.userId ?? ''),
      ringingTimeoutS: this.ringingTimeoutS,
      connectionTimeoutS: this.connectionTimeoutS,
      webhook: obstacle ? undefined : webhookOf(params),
      chatChannelUrl: chatChannelUrlOf(params),
    };
    if (params?.holdActiveCall && !obstacle) void call.holdOthers();
    call.dial(request, params?.callOption, callback, obstacle);
    return call;
  }

  getCall(callId: string): DirectCall | undefined {
    return this.calls.get(callId);
  }

  getOngoingCalls(): DirectCall[] {
    return this.calls.ongoing();
  }

  changeItems(read: () => ItemsRequest, callback?: CustomItemsHandler | null): Promise<CustomItemsResult> {
    const change = async () => {
      this.requireSession();
      const request = read();
      const call = this.calls.get(request.call_id);
      const work = this.connection?.changeItems(request) ?? Promise.reject(notConnected());
      return call ? call.changeItems(request, work) : work;
    };
    return settle(change(), callback, this.platform.reportError);
  }

  /** What an application's server was told of a call, passed on by it: only which call it was is believed. */
  handleWebhookData(data: WebhookData): void {
    const { appId } = this.shown;
    const callId = appId && callIdOf(data, appId);
    if (!callId || this.calls.get(callId)) return this.logger.info('webhook data names no new call');
    // A socket that opens is told of all that rings.
    const work = this.connection?.isConnected ? this.calls.look(callId) : this.connectWebSocket();
    work.catch((error) => this.logger.warn('the call of webhook data was not found', error));
  }

  registerPushToken(token: string, type: string): Promise<void> {
    return this.withSession((host, key) => this.http.addPushToken(host, key, readPushToken(token, type)));
  }

  unregisterPushToken(token: string, type: string): Promise<void> {
    return this.withSession((host, key) => this.http.deletePushTokens(host, key, readPushToken(token, type)));
  }

  unregisterAllPushTokens(type: string): Promise<void> {
    return this.withSession((host, key) => this.http.deletePushTokens(host, key, readTokenType(type)));
  }

  createLogQuery(params?: DirectCallLogListQueryParams | null): DirectCallLogListQuery {
    this.requireSession();
    return new LogQuery(
      params,
      (request) => this.withSession((host, key) => this.http.callLog(host, key, request)),
      this.platform.reportError,
    );
  }

  setRingingTimeout(seconds: number): void {
    this.ringingTimeoutS = timeoutOf(seconds) ?? this.ringingTimeoutS;
  }

  setCallConnectionTimeout(seconds: number): void {
    this.connectionTimeoutS = timeoutOf(seconds) ?? this.connectionTimeoutS;
  }

  private async signIn(option: AuthOption, before: Promise<unknown> | undefined, epoch: number): Promise<User> {
    if (!this.shown.appId) throw notInitialized();
    await before;
    const request = readAuthOption(this.shown.appId, option);
    const hosts = resolveHosts(...this.hostArguments);
    const answer = await this.http.authenticate(hosts.api, request);
    if (epoch !== this.epoch) {
      this.http.endSession(hosts.api, answer.session_key);
      throw new CallError(ErrorCode.ERR_REQUEST_FAILED, 'Signed out before signing in was through.');
    }
    const session = sessionOf(hosts, answer);
    this.replaceSession(session);
    this.renewal.start(answer.token_expires_in_ms);
    return session.user;
  }

  /** The new session takes the place of one that there may be; calls of the same user go on. */
  private replaceSession(session: Session): void {
    const old = this.session;
    const isSameUser = old?.user.userId === session.user.userId;
    const wasClosed = this.connection?.isClosed ?? true;
    if (old && !isSameUser) {
      this.dropCalls();
      this.connection?.close();
      this.calls.clear();
      this.tickets.clear();
    }
    this.setSession(session);
    if (!old) return;
    if (isSameUser) this.connection?.renew();
    else if (!wasClosed) this.socket().connect().catch(() => this.logger.error('The socket could not be opened anew.'));
    if (this.calls.ongoing().length === 0) this.http.endSession(old.hosts.api, old.key);
  }

  private async prolong(token: string): Promise<number | undefined> {
    const session = this.requireSession();
    if (this.connection && !this.connection.isClosed) return this.connection.renewToken(token);
    const epoch = this.epoch;
    const answer = await this.http.authenticate(session.hosts.api, {
      app_id: this.shown.appId ?? '',
      user_id: session.user.userId,
      access_token: token,
    });
    if (epoch !== this.epoch) throw notAuthenticated();
    this.setSession(sessionOf(session.hosts, answer));
    return answer.token_expires_in_ms;
  }

  private obstacleTo(params: DialParams | undefined): CallError | undefined {
    if (!this.session) return notAuthenticated();
    const obstacle = findObstacle(params, this.session.user.userId);
    if (obstacle) return obstacle;
    if (!this.connection || this.connection.isClosed) return notConnected();
    return undefined;
  }

  private async withSession<T>(work: (host: string, key: string) => Promise<T>): Promise<T> {
    const { hosts, key } = this.requireSession();
    return work(hosts.api, key);
  }

  private requireSession(): Session {
    if (!this.shown.appId) throw notInitialized();
    if (!this.session) throw notAuthenticated();
    return this.session;
  }

  private dropCalls(): void {
    for (const call of this.calls.ongoing()) call.leave();
  }

  private setSession(session: Session | undefined): void {
    this.session = session;
    if (!session) this.tickets.clear();
    this.change({ currentUser: session?.user });
  }

  private change(part: Partial<Shown>): void {
    Object.assign(this.shown, part);
    this.show(this.shown);
  }

  private socket(): SignalSocket {
    this.connection ??= new SignalSocket(this.platform, new Device(this.platform), this.logger, this.socketOwner());
    return this.connection;
  }

  private socketOwner(): SocketOwner {
    return {
      address: () => {
        const { hosts, key } = this.requireSession();
        return { url: `${hosts.socket}/client/v1/socket`, key };
      },
      knownCalls: () => this.calls.known(),
      handleWelcome: (welcome) => {
        this.tickets.handle(welcome.ice_configuration);
        this.calls.handleWelcome(welcome);
      },
      handleIceConfiguration: (configuration) => this.tickets.handle(configuration),
      handleResumed: () => this.calls.handleResumed(),
      handleMessage: (message) => this.calls.handleMessage(message),
      handleSessionClosed: (error) => this.handleSessionClosed(error),
      handleNetworkChange: () => {
        for (const call of this.calls.ongoing()) call.handleNetworkChange();
      },
      handleStateChange: (connectionState) => {
        this.change({ connectionState });
        this.listeners.tell('onConnectionStateChanged', connectionState);
      },
    };
  }

  private handleSessionClosed(error: CallError): void {
    this.logger.error(`The session is over: ${error.message}`);
    for (const call of this.calls.ongoing()) call.handleUnknown();
    this.setSession(undefined);
    this.renewal.handleSessionClosed();
  }

  private callHost(): CallHost {
    const client = this;
    const { platform, logger, events, sounds, recordings, devices, tickets } = this;
    return {
      platform,
      logger,
      events,
      sounds,
      recordings,
      tickets,
      get isConnected() {
        return client.connection?.isConnected ?? false;
      },
      request: (request) => this.connection?.request(request) ?? Promise.reject(notConnected()),
      changeItems: (read, callback) => this.changeItems(read, callback),
      signal: (callId, body) => this.connection?.signal(callId, body),
      useTicket: (callId, ticket) => this.connection?.useTicket(callId, ticket),
      tellQuality: (callId, samples) => this.connection?.tellQuality(callId, samples) ?? false,
      chosen: () => ({
        audio: devices.chosen('audioinput'),
        video: devices.chosen('videoinput'),
        output: devices.chosen('audiooutput'),
      }),
      handleCaptured: () => devices.update(null),
      ongoing: () => this.calls.ongoing(),
      handleWoken: () => this.connection?.handleNetwork(),
      handleEnded: () => this.calls.handleEnded(),
    };
  }

  private devicesOwner(): DevicesOwner {
    return {
      handleDevices: (kind, current, available) => {
        this.listeners.tell(LISTENER[kind], current as InputDeviceInfo, available as InputDeviceInfo[]);
      },
      handleSelected: (kind, deviceId) => {
        for (const call of this.calls.ongoing()) {
          if (kind === 'audiooutput') call.setOutput(deviceId ?? '');
          else call.switchDevice(kind === 'audioinput' ? 'audio' : 'video');
        }
      },
    };
  }
}

const LISTENER = {
  audioinput: 'onAudioInputDeviceChanged',
  audiooutput: 'onAudioOutputDeviceChanged',
  videoinput: 'onVideoInputDeviceChanged',
} as const satisfies Record<DeviceKind, string>;

function sessionOf(hosts: Hosts, answer: AuthenticateResponse): Session {
  return {
    hosts,
    user: new SignedIn(answer.user),
    key: answer.session_key,
  };
}
