//! An operation of the document, and the fields of its address and body.

use std::ops::RangeInclusive;

use offhook_proto::error::ErrorCode;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// The longest user id, in characters.
const USER_ID_CHARACTERS: u32 = 80;

/// How errors are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `/v3`.
    Users,
    /// `/v1`, whose errors have a `type`.
    Calls,
}

/// A request that may be made.
#[derive(Debug, Clone)]
pub struct Operation {
    method: &'static str,
    path: &'static str,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    about: String,
    in_path: Vec<Field>,
    in_query: Vec<Field>,
    in_body: Vec<Field>,
    content: &'static str,
    picture: Option<Field>,
    answer: Value,
    other_answers: Map<String, Value>,
    schemas: Map<String, Value>,
}

/// Something that a request says.
#[derive(Debug, Clone)]
pub struct Field {
    name: &'static str,
    about: &'static str,
    schema: Value,
    example: Option<Value>,
    is_required: bool,
    is_nullable: bool,
}

impl Operation {
    /// A request about `tag`, named `id` in generated clients. It answers `{}` unless it says otherwise.
    pub fn new(
        method: &'static str,
        path: &'static str,
        tag: &'static str,
        id: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            id,
            tag,
            summary,
            about: String::new(),
            in_path: Vec::new(),
            in_query: Vec::new(),
            in_body: Vec::new(),
            content: "application/json",
            picture: None,
            answer: json!({ "type": "object" }),
            other_answers: Map::new(),
            schemas: Map::new(),
        }
    }

    /// Says more of it.
    pub fn about(mut self, about: &str) -> Self {
        self.about = about.to_owned();
        self
    }

    /// The names in its path.
    pub fn path_fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.in_path.extend(fields.into_iter().map(Field::required));
        self
    }

    /// What may stand behind the question mark.
    pub fn query(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.in_query.extend(fields);
        self
    }

    /// What its body says.
    pub fn body(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.in_body.extend(fields);
        self
    }

    /// What its body says may come as a form, with this picture in place of `profile_url`.
    pub fn takes_picture(mut self, picture: Field) -> Self {
        self.picture = Some(picture);
        self
    }

    /// It answers with a body of `offhook-proto`.
    pub fn answers<T: ToSchema>(mut self) -> Self {
        let mut schemas = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut schemas);
        for (name, schema) in schemas {
            // A schema is plain data: it can be written.
            self.schemas
                .extend(serde_json::to_value(schema).ok().map(|schema| (name, schema)));
        }
        self.answer = json!({ "$ref": format!("#/components/schemas/{}", T::name()) });
        self
    }

    /// It answers with an object of text.
    pub fn answers_items(mut self) -> Self {
        self.answer = json!({ "type": "object", "additionalProperties": { "type": "string" } });
        self
    }

    /// It may answer in another form, too.
    pub fn answers_also(mut self, content_type: &str, example: &str) -> Self {
        let content = json!({ "schema": { "type": "string" }, "example": example });
        self.other_answers.insert(content_type.to_owned(), content);
        self
    }

    /// Lower case.
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// As the router has it.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The resource.
    pub const fn tag(&self) -> &'static str {
        self.tag
    }

    /// The bodies it answers with, and what they are made of.
    pub const fn schemas(&self) -> &Map<String, Value> {
        &self.schemas
    }

    /// Writes it down.
    pub fn to_json(&self) -> Value {
        let mut parameters: Vec<Value> = self.in_path.iter().map(|field| field.parameter("path")).collect();
        parameters.extend(self.in_query.iter().map(|field| field.parameter("query")));
        let mut content = self.other_answers.clone();
        content.insert("application/json".to_owned(), json!({ "schema": self.answer }));
        let mut responses = Map::from_iter([(
            "200".to_owned(),
            json!({ "description": "It was done.", "content": content }),
        )]);
        for (status, name) in self.dialect().statuses() {
            let reference = format!("#/components/responses/{name}");
            responses.insert((*status).to_owned(), json!({ "$ref": reference }));
        }
        let mut operation = json!({
            "operationId": self.id, "tags": [self.tag], "summary": self.summary, "parameters": parameters,
            "responses": responses,
        });
        if let Some(fields) = operation.as_object_mut() {
            if !self.about.is_empty() {
                fields.insert("description".to_owned(), json!(self.about));
            }
            if !self.in_body.is_empty() {
                fields.insert("requestBody".to_owned(), self.request_body());
            }
        }
        operation
    }

    fn dialect(&self) -> Dialect {
        if self.path.starts_with("/v1/") {
            Dialect::Calls
        } else {
            Dialect::Users
        }
    }

    fn request_body(&self) -> Value {
        let properties: Map<_, _> = self
            .in_body
            .iter()
            .map(|field| (field.name.to_owned(), field.property()))
            .collect();
        let required = self.in_body.iter().filter(|field| field.is_required);
        let required: Vec<_> = required.map(|field| field.name).collect();
        let example: Map<_, _> = self
            .in_body
            .iter()
            .filter_map(|field| Some((field.name.to_owned(), field.example.clone()?)))
            .collect();
        let schema = json!({ "type": "object", "properties": properties, "required": required });
        let mut content = Map::new();
        content.insert(self.content.to_owned(), json!({ "schema": schema, "example": example }));
        if let Some(picture) = &self.picture {
            let mut properties = properties;
            properties.insert(picture.name.to_owned(), picture.property());
            let required: Vec<_> = required.iter().filter(|name| **name != "profile_url").collect();
            let schema = json!({ "type": "object", "properties": properties, "required": required });
            content.insert("multipart/form-data".to_owned(), json!({ "schema": schema }));
        }
        json!({ "required": !required.is_empty(), "content": content })
    }
}

impl Dialect {
    /// The statuses of errors, and what the document calls them.
    const fn statuses(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Users => &[
                ("400", "RefusedV3"),
                ("401", "NoApiTokenV3"),
                ("404", "NothingHereV3"),
                ("429", "TooManyRequestsV3"),
                ("500", "InternalErrorV3"),
            ],
            Self::Calls => &[
                ("400", "RefusedV1"),
                ("401", "NoApiTokenV1"),
                ("404", "NothingHereV1"),
                ("429", "TooManyRequestsV1"),
                ("500", "InternalErrorV1"),
            ],
        }
    }

    /// The schema of an error.
    pub fn schema(self) -> Value {
        let mut properties = json!({
            "error": { "type": "boolean", "const": true },
            "code": { "type": "integer", "description": "Which error it is; `docs/errors.md` lists them." },
            "message": { "type": "string", "description": "A sentence for whoever reads the log." },
        });
        let mut required = vec!["error", "code", "message"];
        if let (Self::Calls, Some(fields)) = (self, properties.as_object_mut()) {
            let kind = json!({ "type": "string", "description": "The code, as a word." });
            fields.insert("type".to_owned(), kind);
            required.push("type");
        }
        json!({ "type": "object", "properties": properties, "required": required })
    }

    /// Every error response of both.
    pub fn responses() -> Value {
        let mut responses = Map::new();
        let (old, new) = (Self::Users, Self::Calls);
        let v3 = |code: ErrorCode| {
            old.response(
                "ErrorV3",
                code.message,
                &json!({ "code": code.code, "message": code.message }),
            )
        };
        let v1 = |code: u32, kind: &str, sentence: &str| {
            new.response(
                "ErrorV1",
                sentence,
                &json!({ "code": code, "type": kind, "message": sentence }),
            )
        };
        let not_found = json!({ "code": 400_201, "message": "\"User\" not found." });
        let refused = "A field is wrong, or what it is about is not found (400201) or there already (400202).";
        responses.insert("RefusedV3".to_owned(), old.response("ErrorV3", refused, &not_found));
        responses.insert("NoApiTokenV3".to_owned(), v3(ErrorCode::INVALID_API_TOKEN));
        responses.insert("NothingHereV3".to_owned(), v3(ErrorCode::INVALID_URL));
        responses.insert("TooManyRequestsV3".to_owned(), v3(ErrorCode::TOO_MANY_REQUESTS));
        responses.insert("InternalErrorV3".to_owned(), v3(ErrorCode::INTERNAL_ERROR));
        let refused =
            "A field is wrong (400100, 400111), or what it is about is not found (400200) or there already (400201).";
        let not_found = json!({ "code": 400_200, "type": "NOT_FOUND", "message": "There is no such call." });
        responses.insert("RefusedV1".to_owned(), new.response("ErrorV1", refused, &not_found));
        let no_token = v1(401_121, "NOT_AUTHORIZED", "The Api-Token header is missing or wrong.");
        responses.insert("NoApiTokenV1".to_owned(), no_token);
        let nothing = new.response("ErrorV1", "There is nothing at this address.", &not_found);
        responses.insert("NothingHereV1".to_owned(), nothing);
        let too_many = v1(429_100, "RATE_LIMIT_EXCEEDED", "Too many requests.");
        responses.insert("TooManyRequestsV1".to_owned(), too_many);
        responses.insert(
            "InternalErrorV1".to_owned(),
            v1(500_999, "UNKNOWN_ERROR", "Internal error."),
        );
        Value::Object(responses)
    }

    fn response(self, schema: &str, description: &str, example: &Value) -> Value {
        let mut example = example.clone();
        if let Some(fields) = example.as_object_mut() {
            fields.insert("error".to_owned(), json!(true));
        }
        json!({
            "description": description,
            "content": { "application/json": {
                "schema": { "$ref": format!("#/components/schemas/{schema}") }, "example": example,
            } },
        })
    }
}

impl Field {
    /// Text.
    pub fn text(name: &'static str) -> Self {
        Self::new(name, json!({ "type": "string" }))
    }

    /// A file of a form.
    pub fn file(name: &'static str) -> Self {
        Self::new(name, json!({ "type": "string", "format": "binary" }))
    }

    /// A whole number.
    pub fn integer(name: &'static str, range: RangeInclusive<u64>) -> Self {
        let schema = json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() });
        Self::new(name, schema)
    }

    /// A whole number that no range bounds.
    pub fn any_integer(name: &'static str) -> Self {
        Self::new(name, json!({ "type": "integer" }))
    }

    /// A time in UTC milliseconds.
    pub fn time(name: &'static str) -> Self {
        let schema = json!({ "type": "integer", "minimum": 0 });
        Self::new(name, schema).example(json!(1_764_150_000_000_u64))
    }

    /// True or false.
    pub fn boolean(name: &'static str) -> Self {
        Self::new(name, json!({ "type": "boolean" }))
    }

    /// One of a few words.
    pub fn one_of(name: &'static str, words: &[&str]) -> Self {
        Self::new(name, json!({ "type": "string", "enum": words }))
    }

    /// A list of text; in an address with commas between.
    pub fn list(name: &'static str, most: u32) -> Self {
        Self::new(
            name,
            json!({ "type": "array", "items": { "type": "string" }, "maxItems": most }),
        )
    }

    /// An object whose values are text.
    pub fn items(name: &'static str, most: u32) -> Self {
        let schema = json!({ "type": "object", "additionalProperties": { "type": "string" }, "maxProperties": most });
        Self::new(name, schema)
    }

    /// The application's id of a user.
    pub fn user_id() -> Self {
        Self::text("user_id")
            .about("The application's id of the user.")
            .characters(1, USER_ID_CHARACTERS)
            .example(json!("alice"))
    }

    /// How many a page has.
    pub fn limit() -> Self {
        Self::integer("limit", 1..=100)
            .about("How many a page has at most.")
            .default(json!(10))
    }

    /// Where a page begins.
    pub fn next() -> Self {
        Self::text("next").about("Where the page begins: `next` of the page before. Left out for the first.")
    }

    fn new(name: &'static str, schema: Value) -> Self {
        Self {
            name,
            about: "",
            schema,
            example: None,
            is_required: false,
            is_nullable: false,
        }
    }

    /// Says what it is for.
    pub const fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    /// It must be there.
    pub const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// It must be there, and may be null.
    pub const fn nullable(mut self) -> Self {
        self.is_nullable = true;
        self
    }

    /// An example.
    pub fn example(mut self, example: Value) -> Self {
        self.example = Some(example);
        self
    }

    /// What counts where it is left out.
    pub fn default(self, value: Value) -> Self {
        self.with("default", value)
    }

    /// How long it may be, in characters.
    pub fn characters(self, least: u32, most: u32) -> Self {
        self.with("minLength", json!(least)).with("maxLength", json!(most))
    }

    /// What its schema says beside that.
    pub fn with(mut self, key: &str, value: Value) -> Self {
        if let Some(schema) = self.schema.as_object_mut() {
            schema.insert(key.to_owned(), value);
        }
        self
    }

    fn parameter(&self, place: &str) -> Value {
        let mut parameter = json!({
            "name": self.name, "in": place, "required": self.is_required, "description": self.about, "schema": self.schema,
        });
        if let Some(fields) = parameter.as_object_mut() {
            if let Some(example) = &self.example {
                fields.insert("example".to_owned(), example.clone());
            }
            if place == "query" {
                let is_list = self.schema.get("type") == Some(&json!("array"));
                if is_list {
                    fields.insert("style".to_owned(), json!("form"));
                    fields.insert("explode".to_owned(), json!(false));
                } else if !self.is_required {
                    // It counts as left out.
                    fields.insert("allowEmptyValue".to_owned(), json!(true));
                }
            }
        }
        parameter
    }

    /// As a field of a body: null counts as left out.
    fn property(&self) -> Value {
        let mut schema = self.schema.clone();
        if let Some(fields) = schema.as_object_mut() {
            fields.insert("description".to_owned(), json!(self.about));
            if (!self.is_required || self.is_nullable)
                && let Some(kind) = fields.get("type").cloned()
            {
                fields.insert("type".to_owned(), json!([kind, "null"]));
                if let Some(words) = fields.get_mut("enum").and_then(Value::as_array_mut) {
                    words.push(Value::Null);
                }
            }
        }
        schema
    }
}
