//! The doorbell: tells the sockets of a user that something happened. What must not be lost is in the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use offhook_core::call::Call;
use offhook_core::id::{CallId, DeviceId, UserKey};
use tokio::sync::broadcast;

/// How many doorbells a socket may be behind before it reads the store instead.
const DEPTH: usize = 64;

/// A doorbell.
#[derive(Debug, Clone)]
pub enum Doorbell {
    /// A call of the user is now this.
    Call(Arc<Call>),
    /// A message from the other side of a call.
    Signal(Arc<Signal>),
    /// Sessions of the user may have ended: whoever holds one looks.
    Sessions,
    /// Nobody served for a while: whoever is here says so.
    Resumed,
}

/// A message from device to device, unread.
#[derive(Debug)]
pub struct Signal {
    /// Of which call.
    pub call_id: CallId,
    /// The device that sent it.
    pub from: DeviceId,
    /// Who is to have it; every device that rings, where there is none.
    pub to: Option<DeviceId>,
    /// What it says.
    pub body: String,
}

/// The in-process bus. A subject is a user.
#[derive(Debug, Default)]
pub struct Bus {
    subjects: Mutex<HashMap<UserKey, broadcast::Sender<Doorbell>>>,
}

/// A place where a user's doorbells arrive. Ends when dropped.
#[derive(Debug)]
pub struct Subscription {
    bus: Arc<Bus>,
    user: UserKey,
    /// `None` only while it is dropped.
    receiver: Option<broadcast::Receiver<Doorbell>>,
}

/// Doorbells were missed: read the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lagged;

impl Bus {
    /// Rings at every socket of `user`.
    pub fn ring(&self, user: UserKey, doorbell: Doorbell) {
        if let Some(subject) = self.subjects().get(&user) {
            // Without a receiver there is nobody to tell.
            _ = subject.send(doorbell);
        }
    }

    /// Rings at every socket.
    pub fn ring_all(&self, doorbell: &Doorbell) {
        for subject in self.subjects().values() {
            // Without a receiver there is nobody to tell.
            _ = subject.send(doorbell.clone());
        }
    }

    /// Tells both parties of a call.
    pub fn ring_call(&self, call: Call) {
        let call = Arc::new(call);
        self.ring(call.caller.user, Doorbell::Call(Arc::clone(&call)));
        self.ring(call.callee.user, Doorbell::Call(call));
    }

    /// Listens for `user`.
    pub fn subscribe(self: &Arc<Self>, user: UserKey) -> Subscription {
        let receiver = self
            .subjects()
            .entry(user)
            .or_insert_with(|| broadcast::channel(DEPTH).0)
            .subscribe();
        Subscription {
            bus: Arc::clone(self),
            user,
            receiver: Some(receiver),
        }
    }

    fn subjects(&self) -> std::sync::MutexGuard<'_, HashMap<UserKey, broadcast::Sender<Doorbell>>> {
        self.subjects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// Waits for the next doorbell. Cancelling it loses nothing.
    ///
    /// # Errors
    /// [`Lagged`] if some were missed; listening goes on.
    pub async fn next(&mut self) -> Result<Doorbell, Lagged> {
        match &mut self.receiver {
            Some(receiver) => receiver.recv().await.map_err(|_| Lagged),
            None => std::future::pending().await,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.receiver = None;
        let mut subjects = self.bus.subjects();
        if subjects
            .get(&self.user)
            .is_some_and(|subject| subject.receiver_count() == 0)
        {
            subjects.remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests;
