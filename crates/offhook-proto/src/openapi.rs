//! Schemas of words that belong to `offhook-core`, which knows of no documents.

use offhook_core::webhook::EventCategory;
use utoipa::openapi::schema::{Array, Object, ObjectBuilder, Type};

/// A kind of event, by its published name.
pub fn event_category() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(EventCategory::ALL.map(EventCategory::as_str)))
        .build()
}

/// Kinds of events.
pub fn event_categories() -> Array {
    Array::new(event_category())
}
