import type { CallParty } from '../generated/CallParty';
import type { CallRole } from '../generated/CallRole';
import type { SignedInUser } from '../generated/SignedInUser';
import type { DirectCallUser, User } from '../surface';

/** A user. A class, so that containers which freeze plain objects leave it alone. */
export class SignedIn implements User {
  readonly userId: string;
  readonly nickname: string;
  readonly profileUrl: string;
  readonly metaData: Record<string, string>;
  readonly isActive: boolean;

  constructor(user: SignedInUser) {
    this.userId = user.user_id;
    this.nickname = user.nickname ?? '';
    this.profileUrl = user.profile_url ?? '';
    this.metaData = { ...user.metadata };
    this.isActive = user.is_active ?? true;
  }
}

/** A party of a call, as the call's snapshots name it. */
export class Party extends SignedIn implements DirectCallUser {
  constructor(
    party: Omit<CallParty, 'media'>,
    readonly role: CallRole,
  ) {
    super({ ...party, is_active: true });
  }

  /** What is known of a user before the server has told: the id. */
  static named(userId: string, role: CallRole): Party {
    return new Party({ user_id: userId, nickname: '', profile_url: '', metadata: {} }, role);
  }

  static of(user: User, role: CallRole): Party {
    const { userId, nickname, profileUrl, metaData } = user;
    return new Party({ user_id: userId, nickname, profile_url: profileUrl, metadata: metaData }, role);
  }
}
