//! The doorbell: tells the sockets of a user that something happened. What must not be lost is in the store.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use axum::extract::ws::Utf8Bytes;
use offhook_core::call::Call;
use offhook_core::id::{CallId, DeviceId, UserKey};

/// How many doorbells a socket may be behind before it reads the store instead.
const DEPTH: usize = 64;

/// For how many doorbells a socket keeps room that has had some.
const KEPT: usize = 4;

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
    /// The node stops, or a socket of the user was taken over from: whoever is here looks whether to leave.
    Seats,
}

/// A message from device to device, unread.
#[derive(Debug)]
pub struct Signal {
    /// Of which call.
    pub call_id: CallId,
    /// Who is to have it; every device that rings, where there is none.
    pub to: Option<DeviceId>,
    /// What is sent to each, in JSON.
    pub text: Utf8Bytes,
}

/// The in-process bus. A subject is a user.
#[derive(Debug, Default)]
pub struct Bus {
    subjects: Mutex<HashMap<UserKey, Vec<Arc<Place>>>>,
}

/// Where one socket's doorbells wait. Most wait for hours, so an empty one keeps room for few.
#[derive(Debug, Default)]
struct Place(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    doorbells: VecDeque<Doorbell>,
    has_missed: bool,
    /// Who is to be woken by the next one.
    listener: Option<Waker>,
}

/// A place where a user's doorbells arrive. Ends when dropped.
#[derive(Debug)]
pub struct Subscription {
    bus: Arc<Bus>,
    user: UserKey,
    place: Arc<Place>,
}

/// Doorbells were missed: read the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lagged;

impl Bus {
    /// Rings at every socket of `user`.
    pub fn ring(&self, user: UserKey, doorbell: Doorbell) {
        if let Some(places) = lock(&self.subjects).get(&user) {
            for place in places {
                place.ring(doorbell.clone());
            }
        }
    }

    /// Rings at every socket.
    pub fn ring_all(&self, doorbell: &Doorbell) {
        for place in lock(&self.subjects).values().flatten() {
            place.ring(doorbell.clone());
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
        let place = Arc::<Place>::default();
        let mut subjects = lock(&self.subjects);
        // Most users have one socket, and so many users room for one.
        let places = subjects.entry(user).or_insert_with(|| Vec::with_capacity(1));
        places.push(Arc::clone(&place));
        Subscription {
            bus: Arc::clone(self),
            user,
            place,
        }
    }
}

impl Place {
    fn ring(&self, doorbell: Doorbell) {
        let mut waiting = lock(&self.0);
        if waiting.doorbells.len() >= DEPTH {
            waiting.doorbells.pop_front();
            waiting.has_missed = true;
        }
        waiting.doorbells.push_back(doorbell);
        let listener = waiting.listener.take();
        drop(waiting);
        if let Some(listener) = listener {
            listener.wake();
        }
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Result<Doorbell, Lagged>> {
        let mut waiting = lock(&self.0);
        let Some(doorbell) = waiting.take() else {
            waiting.listener = Some(context.waker().clone());
            return Poll::Pending;
        };
        Poll::Ready(doorbell)
    }
}

impl Waiting {
    fn take(&mut self) -> Option<Result<Doorbell, Lagged>> {
        if std::mem::take(&mut self.has_missed) {
            return Some(Err(Lagged));
        }
        let doorbell = self.doorbells.pop_front()?;
        if self.doorbells.is_empty() && self.doorbells.capacity() > KEPT {
            self.doorbells = VecDeque::new();
        }
        Some(Ok(doorbell))
    }
}

impl Subscription {
    /// Waits for the next doorbell. Cancelling it loses nothing.
    ///
    /// # Errors
    /// [`Lagged`] if some were missed; listening goes on.
    pub async fn next(&mut self) -> Result<Doorbell, Lagged> {
        poll_fn(|context| self.place.poll(context)).await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut subjects = lock(&self.bus.subjects);
        if let Some(places) = subjects.get_mut(&self.user) {
            places.retain(|place| !Arc::ptr_eq(place, &self.place));
            if places.is_empty() {
                subjects.remove(&self.user);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
