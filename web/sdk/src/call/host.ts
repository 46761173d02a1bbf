import type { EventQueue } from '../events';
import type { CallSnapshot } from '../generated/CallSnapshot';
import type { QualitySample } from '../generated/QualitySample';
import type { Listeners } from '../listeners';
import type { Logger } from '../logger';
import type { Chosen } from '../media/capture';
import type { Platform } from '../platform';
import type { Tickets } from '../session/tickets';
import type { Request } from '../signal/requests';
import type { Sounds } from '../sounds';
import type { CustomItemsHandler, CustomItemsResult, SendBirdCallRecordingListener } from '../surface';
import type { ItemsRequest } from './custom-items';
import type { HoldVerbs } from './hold';

/** What a call needs from the rest of the SDK. */
export interface CallHost {
  readonly platform: Platform;
  readonly logger: Logger;
  readonly events: EventQueue;
  readonly sounds: Sounds;
  readonly recordings: Listeners<SendBirdCallRecordingListener>;
  /** The ICE configuration at hand. */
  readonly tickets: Tickets;
  readonly isConnected: boolean;
  request(request: Exclude<Request, { type: 'renew' } | ItemsRequest>): Promise<CallSnapshot>;
  /** Changes custom items; what is wrong with the request is thrown by `read`. */
  changeItems(read: () => ItemsRequest, callback: CustomItemsHandler | null | undefined): Promise<CustomItemsResult>;
  signal(callId: string, body: string): void;
  /** Tells the server which ticket the connection of a call uses. */
  useTicket(callId: string, ticket: string): void;
  /** Tells the server how good media was. Says whether the socket took it. */
  tellQuality(callId: string, samples: QualitySample[]): boolean;
  /** The devices that the application selected. */
  chosen(): Chosen & { output?: string | undefined };
  /** A device has been opened: from here on the browser tells which there are. */
  handleCaptured(): void;
  /** Every call that has not ended. */
  ongoing(): HoldVerbs[];
  /** The machine has slept: whatever was open may be dead. */
  handleWoken(): void;
  /** The call is over, and keeps nothing open. */
  handleEnded(): void;
}
