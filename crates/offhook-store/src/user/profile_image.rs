//! Pictures of users that were uploaded. A user has at most one, and it goes when another address takes its place.

use offhook_core::id::UserKey;
use rusqlite::{Connection, OptionalExtension as _, Result, named_params};

use crate::{Store, StoreError};

/// A picture. The server has looked at its content and size.
#[derive(Clone, PartialEq, Eq)]
pub struct ProfileImage {
    /// 128 random bits: who does not know them does not find the picture.
    pub id: [u8; 16],
    /// Its media type.
    pub content_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for ProfileImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} bytes", self.content_type, self.bytes.len())
    }
}

impl Store {
    /// Finds a picture.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn profile_image(&self, id: [u8; 16]) -> Result<Option<ProfileImage>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("select content_type, bytes from profile_image where image_id = ?1")?
                .query_row([id], |row| {
                    Ok(ProfileImage {
                        id,
                        content_type: row.get("content_type")?,
                        bytes: row.get("bytes")?,
                    })
                })
                .optional()
        })
        .await
    }
}

/// The user's profile has another address: the picture that was uploaded before goes, and this one comes, if there is one.
pub(super) fn replace(connection: &Connection, user: UserKey, image: Option<&ProfileImage>) -> Result<()> {
    connection
        .prepare_cached("delete from profile_image where user_key = ?1")?
        .execute([user.as_bytes()])?;
    if let Some(image) = image {
        connection
            .prepare_cached(
                "insert into profile_image (image_id, user_key, content_type, bytes)
                 values (:id, :user_key, :content_type, :bytes)",
            )?
            .execute(named_params! {
                ":id": image.id, ":user_key": user.as_bytes(), ":content_type": image.content_type, ":bytes": image.bytes,
            })?;
    }
    Ok(())
}
