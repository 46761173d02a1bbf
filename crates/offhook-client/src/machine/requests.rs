//! Requests on the socket: numbered, in order, sent again after a reconnect, given up after a time.

use std::collections::VecDeque;
use std::time::Instant;

use offhook_proto::socket::ClientMessage;

use super::{REQUEST_TIMEOUT, VerbId};
use crate::error::Error;

/// The most requests under way.
const MAX_PENDING: usize = 256;

/// The requests that have no answer yet.
#[derive(Default)]
pub(super) struct Requests {
    last_id: u32,
    pending: VecDeque<Request>,
}

/// One of them. All are idempotent, so sending it again is harmless.
pub(super) struct Request {
    /// On the wire.
    pub(super) id: u32,
    /// Whom to tell; nobody where the machine asked for itself.
    pub(super) verb: Option<VerbId>,
    /// What was asked.
    pub(super) message: ClientMessage,
    deadline: Instant,
    was_sent: bool,
    was_lost: bool,
}

impl Requests {
    /// The next number; the hello takes one too.
    pub(super) fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    /// Keeps a request until it is answered.
    pub(super) fn add(
        &mut self,
        verb: Option<VerbId>,
        make: impl FnOnce(u32) -> ClientMessage,
        now: Instant,
    ) -> Result<(), Error> {
        if self.pending.len() >= MAX_PENDING {
            return Err(Error::Internal("too many requests are under way"));
        }
        let id = self.next_id();
        self.pending.push_back(Request {
            id,
            verb,
            message: make(id),
            deadline: now + REQUEST_TIMEOUT,
            was_sent: false,
            was_lost: false,
        });
        Ok(())
    }

    /// What is to be sent on an open socket, in order; counts as sent.
    pub(super) fn unsent(&mut self) -> Vec<ClientMessage> {
        self.pending
            .iter_mut()
            .filter(|request| !request.was_sent)
            .map(|request| {
                request.was_sent = true;
                request.message.clone()
            })
            .collect()
    }

    /// The socket is gone: everything goes out again on the next one.
    pub(super) fn lose(&mut self) {
        for request in &mut self.pending {
            request.was_lost |= request.was_sent;
            request.was_sent = false;
        }
    }

    /// The request that an answer belongs to.
    pub(super) fn finish(&mut self, id: u32) -> Option<Request> {
        let index = self.pending.iter().position(|request| request.id == id)?;
        self.pending.remove(index)
    }

    /// All of them: there is no session to carry them out in.
    pub(super) fn clear(&mut self) -> VecDeque<Request> {
        std::mem::take(&mut self.pending)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Request> {
        self.pending.iter()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.pending.iter().map(|request| request.deadline).min()
    }

    /// Removes the requests that took too long, each with the reason.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<(Request, Error)> {
        let (expired, pending) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition::<VecDeque<_>, _>(|request| request.deadline <= now);
        self.pending = pending;
        expired
            .into_iter()
            .map(|request| {
                let error = if request.was_sent {
                    Error::NoResponse
                } else if request.was_lost {
                    Error::SocketLost
                } else {
                    Error::SocketNotConnected
                };
                (request, error)
            })
            .collect()
    }
}
