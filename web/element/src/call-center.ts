/** The calls of the element: those that ring, the one that is shown, those that are held. Carries words between them and the SDK. */

import type * as Sdk from 'offhook';

import { element } from '../../look/element';
import { type Face, type Front, front } from './front';
import { HeldCalls } from './held-calls';
import { Offer } from './offer';
import { RingCard } from './ring-card';
import { Stage } from './stage';
import { nameOf, sentenceOf } from './words';

export interface CallCenterOwner {
  handleFace(face: Face, call: Sdk.DirectCall | null): void;
  handleConnection(state: Sdk.ConnectionState): void;
  handleEnded(call: Sdk.DirectCall): void;
  handleError(error: Error): void;
}

let count = 0;

export class CallCenter {
  private readonly sdk: typeof Sdk;
  private readonly owner: CallCenterOwner;
  private readonly listenerId = `offhook-call-${(count += 1)}`;
  private readonly screen = element('div', { class: 'screen' });
  private readonly rings = element('div', { class: 'rings', 'aria-live': 'assertive' });
  private readonly held = new HeldCalls((stage) => this.resume(stage));
  private readonly idle: Offer;
  private readonly cards = new Map<Sdk.DirectCall, RingCard>();
  private readonly stages = new Set<Stage>();
  private shown: Stage | null = null;
  private told: Front = { face: 'idle', call: null };
  /** What had the keyboard before a call took it. */
  private focusBefore: HTMLElement | null = null;

  constructor(root: ShadowRoot, sdk: typeof Sdk, owner: CallCenterOwner) {
    this.sdk = sdk;
    this.owner = owner;
    this.idle = new Offer((userId, isVideoCall) => this.dial(userId, isVideoCall));
    this.screen.append(this.held.element);
    root.replaceChildren(this.idle.element, this.screen, this.rings);
    sdk.addListener(this.listenerId, {
      onRinging: (call) => this.ring(call),
      onConnectionStateChanged: (state) => {
        this.idle.showConnection(state);
        owner.handleConnection(state);
      },
    });
    sdk.addRecordingListener(this.listenerId, {
      onRecordingSucceeded: (callId, recordingId) => this.stageOf(callId)?.handleRecorded(recordingId),
      onRecordingFailed: (callId, recordingId, error) => this.stageOf(callId)?.handleRecorded(recordingId, error),
    });
    this.idle.showConnection(sdk.connectionState);
    this.refresh();
  }

  get face(): Face {
    return this.told.face;
  }

  get call(): Sdk.DirectCall | null {
    return this.told.call;
  }

  /** Whom to offer while there is no call. */
  offer(userId: string): void {
    this.idle.show(userId);
  }

  /** Why nobody can be rung; nothing once somebody can. */
  explain(problem: string): void {
    this.idle.explain(problem);
  }

  dial(userId: string, isVideoCall: boolean, customItems?: Record<string, string>): Sdk.DirectCall {
    const stage = this.open(userId, isVideoCall);
    const call = this.sdk.dial(
      {
        userId,
        isVideoCall,
        callOption: stage.callOption(),
        ...(this.isTalking(stage) ? { holdActiveCall: true } : {}),
        ...(customItems === undefined ? {} : { customItems }),
      },
      (_, error) => {
        if (error) {
          stage.explain(sentenceOf(error));
          this.owner.handleError(error);
        }
      },
    );
    stage.follow(call);
    this.refresh();
    return call;
  }

  /** Ends what goes on, and hears nothing any more. */
  close(): void {
    this.sdk.removeListener(this.listenerId);
    this.sdk.removeRecordingListener(this.listenerId);
    for (const call of this.cards.keys()) {
      call.end();
    }
    for (const stage of this.stages) {
      stage.hangUp();
      stage.close();
    }
  }

  private ring(call: Sdk.DirectCall): void {
    if (this.cards.has(call)) {
      return;
    }
    const card = new RingCard(call, this.talkingTo(), {
      onAnswer: () => this.answer(call, false),
      onHoldAndAnswer: () => this.answer(call, true),
      onEndAndAnswer: () => {
        this.shown?.hangUp();
        this.answer(call, false);
      },
      onDecline: () => call.end(),
    });
    this.cards.set(call, card);
    call.onEnded = () => {
      this.stopRinging(call);
      this.restoreFocus();
      this.owner.handleEnded(call);
    };
    this.rememberFocus();
    this.rings.append(card.element);
    card.takeFocus();
    this.refresh();
  }

  private answer(call: Sdk.DirectCall, holdActiveCall: boolean): void {
    this.stopRinging(call);
    const stage = this.open(nameOf(call.caller), call.isVideoCall);
    stage.follow(call);
    const holds = holdActiveCall || this.isTalking(stage);
    call.accept({ callOption: stage.callOption(), ...(holds ? { holdActiveCall: true } : {}) });
    this.refresh();
  }

  private stopRinging(call: Sdk.DirectCall): void {
    this.cards.get(call)?.element.remove();
    this.cards.delete(call);
    this.refresh();
  }

  /** A stage for a new call, in front of those that go on, in the place of those that are over. */
  private open(peer: string, isVideoCall: boolean): Stage {
    this.rememberFocus();
    for (const old of this.stages) {
      if (old.isOver) this.drop(old);
    }
    const stage: Stage = new Stage(peer, isVideoCall, this.sdk, {
      handleChange: () => this.refresh(),
      handleConnected: () => {
        // It rang or connected behind another: that one goes on, unless it is over.
        if (stage !== this.shown && this.shown?.isLive !== true) this.resume(stage);
        this.holdHidden();
      },
      handleEnded: (call) => {
        this.owner.handleEnded(call);
        // Nobody looks at it any more.
        if (this.shown !== stage) this.drop(stage);
      },
      handleClose: () => {
        this.drop(stage);
        this.restoreFocus();
      },
      handleAgain: (userId) => {
        this.drop(stage);
        this.dial(userId, isVideoCall);
      },
    });
    this.stages.add(stage);
    this.screen.append(stage.element);
    this.shown = stage;
    return stage;
  }

  /** Takes a stage away; a call that is held comes to the front. */
  private drop(stage: Stage): void {
    stage.close();
    this.stages.delete(stage);
    if (this.shown === stage) {
      this.shown = [...this.stages].at(-1) ?? null;
      this.shown?.takeFocus();
    }
    this.refresh();
  }

  /** Brings a held call to the front and goes on with it; the one in front is held. */
  private resume(stage: Stage): void {
    const before = this.shown;
    this.shown = stage;
    if (before?.isOver) this.drop(before);
    stage.unhold();
    this.holdHidden();
    stage.takeFocus();
    this.refresh();
  }

  /** Nobody hears the user who is not looked at. */
  private holdHidden(): void {
    for (const stage of this.stages) {
      if (stage !== this.shown) stage.holdIfTalking();
    }
  }

  /** Whom an answer to another call would interrupt. */
  private talkingTo(): string | null {
    return this.shown?.isLive ? this.shown.peer : null;
  }

  private isTalking(but: Stage): boolean {
    return [...this.stages].some((stage) => stage !== but && stage.isLive);
  }

  private stageOf(callId: string): Stage | undefined {
    return [...this.stages].find((stage) => stage.call?.callId === callId);
  }

  /** Says which face is shown, if it is another. */
  private refresh(): void {
    for (const stage of this.stages) {
      stage.element.hidden = stage !== this.shown;
    }
    this.held.show([...this.stages].filter((stage) => stage !== this.shown && stage.isLive));
    for (const card of this.cards.values()) {
      card.show(this.talkingTo());
    }
    const [ringing] = this.cards.keys();
    const { face, call } = front(this.shown, ringing);
    if (face !== this.told.face || call !== this.told.call) {
      this.told = { face, call };
      this.owner.handleFace(face, call);
    }
  }

  private rememberFocus(): void {
    if (this.cards.size === 0 && this.shown === null) {
      let active = document.activeElement;
      // In a shadow, as the buttons of the offer are.
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      this.focusBefore = active as HTMLElement | null;
    }
  }

  private restoreFocus(): void {
    if (this.shown === null && this.cards.size === 0) {
      this.focusBefore?.focus();
      this.focusBefore = null;
    }
  }
}
