//! Allocate (RFC 8656 §7): what is asked for is judged, sockets are opened, and the answer goes out when they are.

use std::net::SocketAddr;
use std::time::Duration;

use stun_types::attribute::{AttributeStaticType, ErrorCode, XorMappedAddress};
use turn_types::attribute::{
    AdditionalAddressFamily, AddressErrorCode, DontFragment, EvenPort, Lifetime, RequestedAddressFamily,
    RequestedTransport, ReservationToken, XorRelayedAddress,
};

use super::member::Member;
use super::request::{Refused, Request};
use super::{RelayOwner, Reservation, Server, Timer};
use crate::account::{AccountId, Exceeded};
use crate::allocation::channels::Channels;
use crate::allocation::permissions::Permissions;
use crate::allocation::{Allocation, Relay};
use crate::client::FiveTuple;
use crate::family::{Family, PerFamily};
use crate::message::answer::Answer;
use crate::message::{Malformed, Message};
use crate::opening::{Opening, Socket};
use crate::output::{OpenError, Output, RelayId};
use crate::ports::Wanted;
use crate::revoked::MAX_CREDENTIAL_LIFE;
use crate::time::Time;

/// How long an allocation lasts if nothing is asked for (RFC 8656 §3.2).
const DEFAULT_LIFETIME: Duration = Duration::from_secs(600);

/// The longest that is granted at once (RFC 8656 §7.2 recommends an hour).
const MAX_LIFETIME: Duration = Duration::from_secs(3600);

/// How long an allocation may be refreshed: its credential is not looked at again, so it ends at some time.
pub const MAX_ALLOCATION_LIFE: Duration = Duration::from_secs(24 * 3600);

/// How long a reserved port is held (RFC 8656 §7.2 recommends at least 30 seconds).
const RESERVATION_LIFETIME: Duration = Duration::from_secs(30);

/// How many ports may be in other programs' use before an allocation is refused.
const MAX_TRIES: u8 = 16;

/// UDP (RFC 8656 §18.8).
const UDP: u8 = 17;

/// What an Allocate asks for.
#[derive(Debug, Clone, Copy)]
struct Wishes {
    families: PerFamily<bool>,
    wanted: Wanted,
    token: Option<u64>,
    lifetime: Duration,
    dont_fragment: bool,
}

impl From<Malformed> for Refused {
    fn from(_: Malformed) -> Self {
        Self(ErrorCode::BAD_REQUEST)
    }
}

impl From<Exceeded> for Refused {
    fn from(exceeded: Exceeded) -> Self {
        match exceeded {
            Exceeded::Own => Self(ErrorCode::ALLOCATION_QUOTA_REACHED),
            Exceeded::Server => Self(ErrorCode::INSUFFICIENT_CAPACITY),
        }
    }
}

impl Server {
    /// Begins an allocation, in the order of RFC 8656 §7.2.
    pub(super) fn allocate(&mut self, request: Request<'_>, member: &Member) -> Result<Option<Answer>, Refused> {
        let Request {
            from,
            message,
            asked,
            now,
        } = request;
        if let Some(allocation) = self
            .clients
            .get(&from)
            .and_then(|id| self.allocations.get(*id as usize))
        {
            let (made_by, answer) = &allocation.made_by;
            if *made_by != asked.transaction {
                return Err(Refused(ErrorCode::ALLOCATION_MISMATCH));
            }
            let answer = answer.to_vec();
            self.send(from, answer);
            return Ok(None);
        }
        if let Some(opening) = self.openings.get(&from) {
            let is_again = opening.asked.transaction == asked.transaction;
            return if is_again {
                Ok(None)
            } else {
                Err(Refused(ErrorCode::ALLOCATION_MISMATCH))
            };
        }
        // The username is good until its expiry (RFC 8489 §9.2.4: an invalid username is 401); a ticket that was revoked is forbidden.
        let expiry = Time::from_secs(member.expiry);
        let system = self.system_time(now);
        if expiry <= system || expiry.since(system) > MAX_CREDENTIAL_LIFE {
            return Err(Refused(ErrorCode::UNAUTHORIZED));
        }
        if self.revoked.contains(&member.ticket) {
            return Err(Refused(ErrorCode::FORBIDDEN));
        }
        let wishes = read_wishes(message)?;
        let claim = self.find_claim(&wishes)?;
        let account = match claim {
            // Whoever reserved the port has paid for it.
            Some((_, reservation)) if self.accounts.ticket(reservation.account) == Some(&member.ticket) => {
                reservation.account
            }
            Some(_) | None => self.accounts.open(&member.ticket, now)?,
        };
        let reserving = match wishes.wanted {
            Wanted::EvenAndNext => match self.accounts.open(&member.ticket, now) {
                Ok(account) => Some(account),
                Err(exceeded) => {
                    self.accounts.close(account);
                    return Err(exceeded.into());
                }
            },
            Wanted::Any | Wanted::Even => None,
        };
        let opening = Opening {
            client: from,
            asked,
            member: member.clone(),
            account,
            reserving,
            lifetime: wishes.lifetime,
            wanted: wishes.wanted,
            is_claim: claim.is_some(),
            dont_fragment: wishes.dont_fragment,
            sockets: PerFamily::default(),
        };
        self.open_sockets(opening, &wishes, claim, now);
        Ok(None)
    }

    /// Finds the reservation that a token stands for: 508 if there is none (RFC 8656 §7.2).
    fn find_claim(&self, wishes: &Wishes) -> Result<Option<(u64, Reservation)>, Refused> {
        let Some(token) = wishes.token else {
            return Ok(None);
        };
        let reservation = self.reservations.get(&token).copied();
        let reservation = reservation.ok_or(Refused(ErrorCode::INSUFFICIENT_CAPACITY))?;
        Ok(Some((token, reservation)))
    }

    /// Asks the shell for the sockets.
    fn open_sockets(&mut self, mut opening: Opening, wishes: &Wishes, claim: Option<(u64, Reservation)>, now: Time) {
        let client = opening.client;
        if let Some((token, reservation)) = claim {
            let relay = RelayId(self.relays.insert(RelayOwner::Opening(client)) as u32);
            self.reservations.remove(&token);
            self.timers.remove(&(reservation.ends_at, Timer::Reservation(token)));
            if reservation.account != opening.account {
                self.accounts.close(reservation.account);
            }
            let ports = self.relaying.of_mut(reservation.family).as_mut();
            if ports.is_some_and(|relaying| relaying.ports.claim(reservation.port, relay)) {
                *opening.sockets.of_mut(reservation.family) = Some(Socket::Waiting {
                    relay,
                    port: reservation.port,
                    tries: 0,
                });
                self.ask_for(reservation.family, relay, reservation.port, opening.dont_fragment);
            } else {
                self.relays.try_remove(relay.index());
            }
        } else {
            for family in [Family::V4, Family::V6] {
                if *wishes.families.of(family) {
                    *opening.sockets.of_mut(family) = Some(self.open_socket(&opening, family, 0));
                }
            }
        }
        self.openings.insert(client, opening);
        self.settle(client, now);
    }

    /// Takes a port and asks the shell for a socket on it.
    fn open_socket(&mut self, opening: &Opening, family: Family, tries: u8) -> Socket {
        let Some(relaying) = self.relaying.of_mut(family) else {
            return Socket::Refused {
                code: ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED,
            };
        };
        let relay = RelayId(self.relays.insert(RelayOwner::Opening(opening.client)) as u32);
        let Some(port) = relaying.ports.take(opening.wanted, relay, &mut self.random) else {
            self.relays.try_remove(relay.index());
            return Socket::Refused {
                code: ErrorCode::INSUFFICIENT_CAPACITY,
            };
        };
        self.ask_for(family, relay, port, opening.dont_fragment);
        Socket::Waiting { relay, port, tries }
    }

    fn ask_for(&mut self, family: Family, relay: RelayId, port: u16, dont_fragment: bool) {
        if let Some(relaying) = self.relaying.of(family) {
            self.outputs.push_back(Output::Open {
                relay,
                address: SocketAddr::new(relaying.bind, port),
                dont_fragment,
            });
        }
    }

    /// Notes what has come of a socket; a port that another program has is exchanged for another.
    pub(super) fn settle_socket(
        &mut self,
        client: FiveTuple,
        relay: RelayId,
        opened: Result<SocketAddr, OpenError>,
        now: Time,
    ) {
        let Some(mut opening) = self.openings.remove(&client) else {
            return;
        };
        let family = opening.family_of(relay);
        if let Some(family) = family
            && let Some(Socket::Waiting { port, tries, .. }) = *opening.sockets.of(family)
        {
            let socket = match opened {
                Ok(address) if address.port() == port => Socket::Open { relay, port },
                Ok(_) => {
                    self.outputs.push_back(Output::Close { relay });
                    self.give_up_socket(&opening, family, relay, port);
                    Socket::Refused {
                        code: ErrorCode::INSUFFICIENT_CAPACITY,
                    }
                }
                Err(error) => {
                    self.give_up_socket(&opening, family, relay, port);
                    match error {
                        OpenError::InUse if tries < MAX_TRIES && !opening.is_claim => {
                            self.open_socket(&opening, family, tries + 1)
                        }
                        OpenError::InUse | OpenError::Failed => Socket::Refused {
                            code: ErrorCode::INSUFFICIENT_CAPACITY,
                        },
                    }
                }
            };
            *opening.sockets.of_mut(family) = Some(socket);
        }
        self.openings.insert(client, opening);
        self.settle(client, now);
    }

    /// Gives back a port, the one reserved beside it, and the socket's name.
    fn give_up_socket(&mut self, opening: &Opening, family: Family, relay: RelayId, port: u16) {
        self.relays.try_remove(relay.index());
        self.free_port(family, port);
        if opening.wanted == Wanted::EvenAndNext {
            self.free_port(family, port.saturating_add(1));
        }
    }

    /// Answers if nothing more is waited for: with an allocation, or with why there is none.
    fn settle(&mut self, client: FiveTuple, now: Time) {
        if !self.openings.get(&client).is_some_and(Opening::is_settled) {
            return;
        }
        let Some(opening) = self.openings.remove(&client) else {
            return;
        };
        let refusal = |family| match opening.sockets.of(family) {
            Some(Socket::Refused { code }) => Some(*code),
            Some(Socket::Waiting { .. } | Socket::Open { .. }) | None => None,
        };
        let is_open = |family| matches!(opening.sockets.of(family), Some(Socket::Open { .. }));
        if is_open(Family::V4) || is_open(Family::V6) {
            let refused = [Family::V4, Family::V6].map(|family| refusal(family).map(|code| (family, code)));
            self.make_allocation(opening, refused, now);
            return;
        }
        let code = refusal(Family::V4)
            .or(refusal(Family::V6))
            .unwrap_or(ErrorCode::INSUFFICIENT_CAPACITY);
        self.close_accounts(opening.account, opening.reserving);
        self.answer(client, &opening.member, Answer::error(opening.asked, code));
    }

    /// Makes the allocation and tells its client.
    fn make_allocation(&mut self, opening: Opening, refused: [Option<(Family, u16)>; 2], now: Time) {
        let Opening {
            client,
            asked,
            member,
            account,
            lifetime,
            ..
        } = &opening;
        let ends_at = now.after(*lifetime);
        let id = self.allocations.vacant_key() as u32;
        let mut answer = Answer::success(*asked);
        let mut relays = PerFamily::default();
        for family in [Family::V4, Family::V6] {
            let (Some(Socket::Open { relay, port }), Some(relaying)) =
                (*opening.sockets.of(family), self.relaying.of(family).as_ref())
            else {
                continue;
            };
            let address = SocketAddr::new(relaying.external, port);
            answer = answer.with(&XorRelayedAddress::new(address, asked.transaction));
            *relays.of_mut(family) = Some(Relay {
                id: relay,
                port,
                ends_at,
                dont_fragment: opening.dont_fragment,
            });
            if let Some(owner) = self.relays.get_mut(relay.index()) {
                *owner = RelayOwner::Live { allocation: id, family };
            }
            self.timers.insert((ends_at, Timer::Relay(relay)));
        }
        for (family, code) in refused.into_iter().flatten() {
            if let Ok(code) = ErrorCode::new(code, "") {
                answer = answer.with(&AddressErrorCode::new(family.into(), code));
            }
        }
        answer = answer.with(&Lifetime::new(lifetime.as_secs() as u32));
        if let Some(token) = self.reserve(&opening, now) {
            answer = answer.with(&ReservationToken::new(token));
        }
        answer = answer.with(&XorMappedAddress::new(client.remote, asked.transaction));
        let bytes = answer.signed(&member.key, member.algorithm).finish();
        self.allocations.insert(Allocation {
            client: *client,
            account: *account,
            expiry: member.expiry,
            made_at: now,
            made_by: (asked.transaction, bytes.clone().into()),
            warned_at: Time::default(),
            relays,
            permissions: Permissions::default(),
            channels: Channels::default(),
        });
        self.clients.insert(*client, id);
        self.accounts.add_allocation(*account, id);
        self.send(*client, bytes);
        self.outputs.push_back(Output::Allocated {
            ticket: member.ticket.clone(),
        });
    }

    /// Holds the port beside an even one, and names it by a token (RFC 8656 §7.2).
    fn reserve(&mut self, opening: &Opening, now: Time) -> Option<u64> {
        let account = opening.reserving?;
        let family = [Family::V4, Family::V6]
            .into_iter()
            .find_map(|family| match opening.sockets.of(family) {
                Some(Socket::Open { port, .. }) => Some((family, port.saturating_add(1))),
                Some(Socket::Waiting { .. } | Socket::Refused { .. }) | None => None,
            });
        let (family, port) = family?;
        let token = self.random.unpredictable();
        let ends_at = now.after(RESERVATION_LIFETIME);
        let reservation = Reservation {
            family,
            port,
            account,
            ends_at,
        };
        self.reservations.insert(token, reservation);
        self.timers.insert((ends_at, Timer::Reservation(token)));
        Some(token)
    }

    /// Gives up an allocation that waits for its sockets; nobody is told.
    pub(super) fn abandon_opening(&mut self, client: FiveTuple) {
        let Some(opening) = self.openings.remove(&client) else {
            return;
        };
        for family in [Family::V4, Family::V6] {
            if let Some(Socket::Waiting { relay, port, .. } | Socket::Open { relay, port }) =
                *opening.sockets.of(family)
            {
                self.outputs.push_back(Output::Close { relay });
                self.give_up_socket(&opening, family, relay, port);
            }
        }
        self.close_accounts(opening.account, opening.reserving);
    }

    fn close_accounts(&mut self, account: AccountId, reserving: Option<AccountId>) {
        for account in [Some(account), reserving].into_iter().flatten() {
            self.accounts.close(account);
        }
    }
}

/// The lifetime to grant for what was asked (RFC 8656 §7.2).
pub fn lifetime_for(asked: Option<Lifetime>) -> Duration {
    asked.map_or(DEFAULT_LIFETIME, |asked| {
        Duration::from_secs(asked.seconds().into()).clamp(DEFAULT_LIFETIME, MAX_LIFETIME)
    })
}

/// Reads what is asked for, and refuses what contradicts itself (RFC 8656 §7.2).
fn read_wishes(message: &Message<'_>) -> Result<Wishes, Refused> {
    let transport = message.attribute::<RequestedTransport>()?.ok_or(Malformed)?;
    if transport.protocol() != UDP {
        return Err(Refused(ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL));
    }
    let requested = read_family(message.raw(RequestedAddressFamily::TYPE))?;
    let additional = read_family(message.raw(AdditionalAddressFamily::TYPE))?;
    let even_port = message.attribute::<EvenPort>()?;
    let token = message.attribute::<ReservationToken>()?.map(|token| token.token());
    let reserves = even_port.as_ref().is_some_and(EvenPort::requested);
    let contradicts = requested.is_some() && additional.is_some()
        || token.is_some() && (requested.is_some() || additional.is_some() || even_port.is_some())
        || additional.is_some() && reserves
        || additional == Some(Family::V4);
    if contradicts {
        return Err(Refused(ErrorCode::BAD_REQUEST));
    }
    let families = match (requested, additional) {
        (_, Some(_)) => PerFamily { v4: true, v6: true },
        (Some(Family::V6), None) => PerFamily { v4: false, v6: true },
        (Some(Family::V4) | None, None) => PerFamily { v4: true, v6: false },
    };
    let wanted = match even_port {
        None => Wanted::Any,
        Some(_) if reserves => Wanted::EvenAndNext,
        Some(_) => Wanted::Even,
    };
    Ok(Wishes {
        families,
        wanted,
        token,
        lifetime: lifetime_for(message.attribute::<Lifetime>()?),
        dont_fragment: message.has(DontFragment::TYPE),
    })
}

/// Reads the value of an attribute that names a family: 440 if it names none that there is (RFC 8656 §7.2).
pub fn read_family(value: Option<&[u8]>) -> Result<Option<Family>, Refused> {
    match value {
        None => Ok(None),
        Some([1, _, _, _]) => Ok(Some(Family::V4)),
        Some([2, _, _, _]) => Ok(Some(Family::V6)),
        Some([_, _, _, _]) => Err(Refused(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED)),
        Some(_) => Err(Refused(ErrorCode::BAD_REQUEST)),
    }
}
