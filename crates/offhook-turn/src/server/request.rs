//! Requests: who asks, whether it is understood, and to which part it goes.

use std::time::Duration;

use stun_types::attribute::{
    AttributeType, ErrorCode, Nonce, PasswordAlgorithmValue, PasswordAlgorithms, Realm, XorMappedAddress,
};
use stun_types::message::BINDING;
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};

use super::Server;
use super::member::Member;
use crate::client::FiveTuple;
use crate::message::answer::{Answer, Asked};
use crate::message::{Class, Message};
use crate::output::{Output, Step};
use crate::packet::Packet;
use crate::time::Time;

/// How often a client with an allocation is told that its nonce is stale, at most: it needs it once an hour, and somebody who forges
/// its address shall not make us flood it.
const WARNING_INTERVAL: Duration = Duration::from_millis(100);

/// A request that was refused after it was found who asks: the code for the signed answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(pub u16);

/// What a request needs beside the server.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub from: FiveTuple,
    /// What.
    pub message: &'a Message<'a>,
    /// What the answer needs.
    pub asked: Asked,
    /// When.
    pub now: Time,
}

impl Server {
    /// Takes a STUN message.
    pub(super) fn handle_message(&mut self, from: FiveTuple, packet: &mut Packet<'_>, now: Time) -> Step {
        let Some(message) = Message::read(packet.bytes()) else {
            return Step::Done;
        };
        match message.class() {
            Class::Request if message.is_control_size() => {
                self.handle_request(from, &message, now);
                Step::Done
            }
            Class::Indication if message.method() == SEND => {
                let send = crate::message::indication::read_send(&message);
                send.and_then(|send| self.handle_send(from, &send, packet, now))
                    .unwrap_or(Step::Done)
            }
            // A Binding indication keeps a way open and wants nothing (RFC 8489 §6.3.2); what else comes is not for a server.
            Class::Request | Class::Indication | Class::Response => Step::Done,
        }
    }

    /// Takes a request.
    fn handle_request(&mut self, from: FiveTuple, message: &Message<'_>, now: Time) {
        self.handle_timeout(now);
        let asked = Asked {
            method: message.method(),
            transaction: message.transaction(),
            has_fingerprint: message.has_fingerprint(),
        };
        let request = Request {
            from,
            message,
            asked,
            now,
        };
        match asked.method {
            BINDING => self.bind(request),
            ALLOCATE | REFRESH | CREATE_PERMISSION | CHANNEL_BIND => self.serve(request),
            _ => {} // RFC 8489 §6.3: not a method of ours.
        }
    }

    /// Tells a client its address (RFC 8489 §6.3.1.1), and nothing else.
    fn bind(&mut self, request: Request<'_>) {
        if !self.strangers.may_answer(&request.from, request.now) {
            return;
        }
        let unknown: Vec<AttributeType> = request.message.not_understood().collect();
        let answer = if unknown.is_empty() {
            Answer::success(request.asked).with(&XorMappedAddress::new(request.from.remote, request.asked.transaction))
        } else {
            Answer::unknown(request.asked, &unknown)
        };
        self.send(request.from, answer.finish());
    }

    /// Serves somebody who has a password, and tells others how to show it.
    fn serve(&mut self, request: Request<'_>) {
        let Request { from, message, now, .. } = request;
        // Before anything is computed: a source that has had its answers costs no hash. Clients with an allocation are heard.
        if !self.clients.contains_key(&from) && !self.strangers.has_left(&from, now) {
            return;
        }
        let member = match self.authenticate(message, from, now) {
            Ok(member) => member,
            Err(code) => return self.refuse_stranger(request, code),
        };
        let unknown: Vec<AttributeType> = message.not_understood().collect();
        if !unknown.is_empty() {
            return self.answer(from, &member, Answer::unknown(request.asked, &unknown));
        }
        let asked_for: fn(&mut Self, Request<'_>, &Member) -> Result<Option<Answer>, Refused> =
            match request.asked.method {
                ALLOCATE => Self::allocate,
                REFRESH => Self::refresh,
                CREATE_PERMISSION => Self::create_permission,
                CHANNEL_BIND => Self::bind_channel,
                _ => return,
            };
        match asked_for(self, request, &member) {
            Ok(None) => {}
            Ok(Some(answer)) => self.answer(from, &member, answer),
            // A username that is no longer good is as good as none, and is told so (RFC 8489 §9.2.4).
            Err(Refused(ErrorCode::UNAUTHORIZED)) => self.refuse_stranger(request, ErrorCode::UNAUTHORIZED),
            Err(Refused(code)) => self.answer(from, &member, Answer::error(request.asked, code)),
        }
    }

    /// Tells a stranger why they are refused: 400, 401 or 438 (RFC 8489 §9.2.4).
    fn refuse_stranger(&mut self, request: Request<'_>, code: u16) {
        let Request { from, now, .. } = request;
        let may_answer = match self
            .clients
            .get(&from)
            .and_then(|id| self.allocations.get_mut(*id as usize))
        {
            Some(allocation) => {
                let may_answer = now.since(allocation.warned_at) >= WARNING_INTERVAL;
                if may_answer {
                    allocation.warned_at = now;
                }
                may_answer
            }
            None => self.strangers.may_answer(&from, now),
        };
        if !may_answer {
            return;
        }
        let mut answer = Answer::error(request.asked, code);
        if code != ErrorCode::BAD_REQUEST {
            let nonce = self.nonces.issue(from.remote, now);
            if let (Ok(realm), Ok(nonce)) = (Realm::new(&self.realm), Nonce::new(&nonce)) {
                answer = answer.with(&realm).with(&nonce);
            }
            answer = answer.with(&PasswordAlgorithms::new(&[PasswordAlgorithmValue::SHA256]));
        }
        self.send(from, answer.finish());
    }

    /// Sends a signed answer.
    pub(super) fn answer(&mut self, to: FiveTuple, member: &Member, answer: Answer) {
        let bytes = answer.signed(&member.key, member.algorithm).finish();
        self.send(to, bytes);
    }

    /// Sends bytes to a client.
    pub(super) fn send(&mut self, to: FiveTuple, bytes: Vec<u8>) {
        self.outputs.push_back(Output::Send { to, bytes });
    }

    /// Finds the allocation that a request is about (RFC 8656 §5): 437 if there is none, 441 if it is another's.
    pub(super) fn allocation_of(&self, from: FiveTuple, member: &Member) -> Result<u32, Refused> {
        let id = *self.clients.get(&from).ok_or(Refused(ErrorCode::ALLOCATION_MISMATCH))?;
        let allocation = self
            .allocations
            .get(id as usize)
            .ok_or(Refused(ErrorCode::ALLOCATION_MISMATCH))?;
        let is_same =
            allocation.expiry == member.expiry && self.accounts.ticket(allocation.account) == Some(&member.ticket);
        if is_same {
            Ok(id)
        } else {
            Err(Refused(ErrorCode::WRONG_CREDENTIALS))
        }
    }
}
