//! Passwords of administrators: argon2id, a few at a time, with the same work for a name that nobody has.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::secret;

/// What OWASP recommends of memory, in KiB, and of rounds.
/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id>
const MEMORY_KIB: u32 = 19 * 1024;
const ROUNDS: u32 = 2;
const LANES: u32 = 1;
/// Passwords that are hashed at once: each takes a core and its memory.
const AT_ONCE: usize = 2;
/// Passwords that may wait beside. More would only wait too long.
const WAITING: usize = 64;
/// When to come back, where too many wait.
const COME_BACK: Duration = Duration::from_secs(2);
/// What a password is compared with where there is none: a hash of the same cost, of nothing that is known.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$b2ZmaG9vay1ub2JvZHlz$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes passwords.
#[derive(Debug)]
pub struct Passwords {
    working: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many wait.
    #[error("too many passwords are being checked")]
    Busy(Duration),
    /// The hash in the store is none, or the machine has no memory for it.
    #[error("the password cannot be hashed: {0}")]
    Failed(String),
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            working: Arc::new(Semaphore::new(AT_ONCE)),
            admitted: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
        }
    }
}

impl Passwords {
    /// Hashes a password, as a PHC string.
    ///
    /// # Errors
    /// If too many wait or there is no memory.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = password.to_owned();
        self.work(move || {
            let salt = SaltString::encode_b64(&secret::random::<16>()).map_err(failed)?;
            let hash = hasher()?.hash_password(password.as_bytes(), &salt).map_err(failed)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether it is the password of that hash. Where there is no hash, it takes as long and is not.
    ///
    /// # Errors
    /// If too many wait, or the hash is none.
    pub async fn is_of(&self, password: &str, hash: Option<&str>) -> Result<bool, PasswordError> {
        let (password, has_hash) = (password.to_owned(), hash.is_some());
        let hash = hash.unwrap_or(NOBODYS).to_owned();
        self.work(move || {
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            match hasher()?.verify_password(password.as_bytes(), &hash) {
                Ok(()) => Ok(has_hash),
                Err(argon2::password_hash::Error::Password) => Ok(false),
                Err(error) => Err(failed(error)),
            }
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let busy = |_| PasswordError::Busy(COME_BACK);
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(busy)?;
        let permit = Arc::clone(&self.working).acquire_owned().await;
        let permit = permit.map_err(|_| PasswordError::Busy(COME_BACK))?;
        // The permits go with the work: it goes on where nobody waits for it any more.
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((permit, admitted));
            done
        });
        task.await.unwrap_or_else(|error| Err(failed(error)))
    }
}

fn hasher() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, ROUNDS, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

#[cfg(test)]
mod tests;
