//! Every error code that leaves the server: one table.

/// An error as clients know it. `ErrorCode::CALLEE_DOES_NOT_EXIST.code` is the number on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// The number: stable for ever.
    pub code: u32,
    /// The HTTP status it comes with.
    pub http: u16,
    /// The upper-snake name (`type` in the `/v1` dialect).
    pub name: &'static str,
    /// What happened, for where no better sentence is at hand.
    pub message: &'static str,
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $http:literal, $type:literal, $message:literal;)*) => {
        impl ErrorCode {
            $(
                $(#[$doc])*
                pub const $name: Self = Self { code: $code, http: $http, name: $type, message: $message };
            )*

            /// All of them, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

error_codes! {
    /// A parameter is not text.
    UNEXPECTED_STRING = 400100, 400, "INVALID_PARAMS", "A parameter has the wrong type: text is expected.";
    /// A parameter is not a number.
    UNEXPECTED_NUMBER = 400101, 400, "UNEXPECTED_PARAMETER_TYPE_NUMBER", "A parameter has the wrong type: a number is expected.";
    /// A parameter is not a list.
    UNEXPECTED_LIST = 400102, 400, "UNEXPECTED_PARAMETER_TYPE_LIST", "A parameter has the wrong type: a list is expected.";
    /// A parameter is not an object.
    UNEXPECTED_OBJECT = 400103, 400, "UNEXPECTED_PARAMETER_TYPE_JSON", "A parameter has the wrong type: an object is expected.";
    /// A parameter is neither true nor false.
    UNEXPECTED_BOOLEAN = 400104, 400, "UNEXPECTED_PARAMETER_TYPE_BOOLEAN", "A parameter has the wrong type: true or false is expected.";
    /// A required parameter is missing.
    MISSING_PARAMETER = 400105, 400, "MISSING_REQUIRED_PARAMETERS", "A required parameter is missing.";
    /// A number is negative.
    NEGATIVE_NUMBER = 400106, 400, "NEGATIVE_NUMBER_NOT_ALLOWED", "A number must not be negative.";
    /// Only the master API token may do it.
    MASTER_TOKEN_REQUIRED = 400108, 400, "UNAUTHORIZED_REQUEST", "Only the application's master API token may do this.";
    /// A value is too long.
    VALUE_TOO_LONG = 400110, 400, "PARAMETER_VALUE_LENGTH_EXCEEDED", "A value is too long.";
    /// A value makes no sense.
    INVALID_VALUE = 400111, 400, "INVALID_VALUE", "A value is not valid.";
    /// Values contradict each other.
    INCOMPATIBLE_VALUES = 400112, 400, "INCOMPATIBLE_VALUES", "Two values do not go together.";
    /// A number is out of range.
    OUT_OF_RANGE = 400113, 400, "PARAMETER_VALUE_OUT_OF_RANGE", "A value is out of range.";
    /// A character is not allowed.
    CHARACTER_NOT_ALLOWED = 400151, 400, "NOT_ALLOWED_CHARACTER", "A character is not allowed.";
    /// The resource does not exist (`/v3`).
    RESOURCE_NOT_FOUND = 400201, 400, "RESOURCE_NOT_FOUND", "Not found.";
    /// The resource is there already (`/v3`).
    RESOURCE_ALREADY_EXISTS = 400202, 400, "RESOURCE_ALREADY_EXISTS", "It already exists.";
    /// Too many items.
    TOO_MANY_ITEMS = 400203, 400, "TOO_MANY_ITEMS_IN_PARAMETER", "There are too many items.";
    /// The user is deactivated.
    USER_DEACTIVATED = 400300, 400, "DEACTIVATED_USER_NOT_ACCESSIBLE", "This user is deactivated.";
    /// The user is unknown and is not made.
    USER_NOT_FOUND = 400301, 400, "USER_NOT_FOUND", "There is no such user, and this application does not create users when they sign in.";
    /// The token is wrong or missing.
    INVALID_ACCESS_TOKEN = 400302, 400, "INVALID_ACCESS_TOKEN", "The access token or session token is missing or wrong.";
    /// The session key is unknown.
    INVALID_SESSION_KEY = 400303, 400, "INVALID_SESSION_KEY_VALUE", "The session is not known: authenticate again.";
    /// The application is unknown.
    APPLICATION_NOT_FOUND = 400304, 400, "APPLICATION_NOT_FOUND", "There is no such application.";
    /// The user id is too long.
    USER_ID_TOO_LONG = 400305, 400, "USER_ID_LENGTH_EXCEEDED", "A user id is at most 80 characters long.";
    /// The page's origin is not on the application's list.
    ORIGIN_NOT_ALLOWED = 400307, 400, "DOMAIN_NOT_ALLOWED", "This application does not allow calls from this origin.";
    /// The session or its token has ended.
    SESSION_EXPIRED = 400309, 400, "SESSION_EXPIRED", "This session has expired.";
    /// The `Api-Token` is missing or wrong.
    INVALID_API_TOKEN = 400401, 401, "INVALID_API_TOKEN", "The Api-Token header is missing or wrong.";
    /// The body is not JSON, or not an object.
    INVALID_JSON = 400403, 400, "INVALID_JSON_REQUEST_BODY", "The body is not a JSON object.";
    /// There is nothing at this address.
    INVALID_URL = 400404, 404, "INVALID_REQUEST_URL", "There is nothing at this address.";
    /// Too many sockets.
    TOO_MANY_SOCKETS = 400500, 429, "TOO_MANY_CONNECTIONS", "Too many sockets are open.";
    /// Too many requests (`/v1` and calls).
    RATE_LIMIT_EXCEEDED = 429100, 429, "RATE_LIMIT_EXCEEDED", "Too many requests.";
    /// Our fault (`/v3`, `/client/v1`).
    INTERNAL_ERROR = 500901, 500, "INTERNAL_ERROR", "Internal error.";
    /// Too many requests or wrong credentials (`/v3`, sign-in).
    TOO_MANY_REQUESTS = 500910, 429, "TOO_MANY_REQUESTS", "Too many requests: wait before the next.";
    /// The call is not where this could happen.
    INVALID_CALL_STATUS = 1400101, 400, "INVALID_CALL_STATUS", "The call's state does not allow this.";
    /// No such call, or no part in it.
    CALL_DOES_NOT_EXIST = 1400102, 400, "CALL_DOES_NOT_EXIST", "There is no such call.";
    /// No such callee.
    CALLEE_DOES_NOT_EXIST = 1400103, 400, "CALLEE_DOES_NOT_EXIST", "The callee does not exist.";
    /// The callee is the caller.
    DIAL_MYSELF = 1400104, 400, "DIAL_MYSELF", "A user cannot dial themselves.";
    /// The user may not dial.
    NO_PERMISSION = 1400105, 400, "NO_PERMISSION", "This user may answer calls, but not dial.";
    /// The callee has never signed in.
    CALLEE_NEVER_AUTHENTICATED = 1400106, 400, "CALLEE_NEVER_AUTHENTICATE", "The callee has never signed in to calls.";
    /// The device's id is in use by another page: draw a new one.
    DEVICE_IN_USE = 1400900, 400, "DEVICE_IN_USE", "Another page uses this device id.";
    /// The socket's protocol is neither this one nor the one before.
    PROTOCOL_NOT_SUPPORTED = 1400901, 400, "PROTOCOL_NOT_SUPPORTED", "This server does not speak that version of the protocol: load the SDK anew.";
    /// The ticket is not this session's, or the call is none it may be used for.
    INVALID_TICKET = 1400902, 400, "INVALID_TICKET", "This ticket cannot be used for this call.";
    /// Our fault, on the socket.
    CALL_INTERNAL_ERROR = 1400999, 500, "SERVER_INTERNAL_ERROR", "Internal error.";
    /// Nobody is signed in to the dashboard, or not any more.
    NOT_SIGNED_IN = 1500101, 401, "NOT_SIGNED_IN", "Nobody is signed in: sign in first.";
    /// The name or the password of an administrator is wrong.
    INVALID_CREDENTIALS = 1500102, 401, "INVALID_CREDENTIALS", "The name or the password is wrong.";
    /// The password is right, and a code of the authenticator is needed beside.
    TOTP_CODE_REQUIRED = 1500103, 401, "TOTP_CODE_REQUIRED", "A code of your authenticator is needed, too.";
    /// The code is wrong, or was used before.
    INVALID_TOTP_CODE = 1500104, 400, "INVALID_TOTP_CODE", "The code is wrong or was used already: wait for the next one.";
    /// The administrator's role does not allow it.
    ROLE_NOT_ALLOWED = 1500105, 403, "ROLE_NOT_ALLOWED", "Your role does not allow this.";
    /// A request of another site, or one that a form of another site could send.
    FOREIGN_REQUEST = 1500106, 403, "FOREIGN_REQUEST", "Only the dashboard itself may do this, with content-type application/json.";
    /// The present password is wrong.
    WRONG_PASSWORD = 1500107, 400, "WRONG_PASSWORD", "The present password is wrong.";
    /// Nobody could make another owner.
    LAST_OWNER = 1500108, 400, "LAST_OWNER", "The last owner can be neither deleted nor made less.";
    /// The administrator comes by the identity provider.
    NO_PASSWORD = 1500109, 400, "NO_PASSWORD", "This administrator signs in by the identity provider, which keeps password and authenticator.";
    /// No authenticator is being set up.
    NO_TOTP_PENDING = 1500110, 400, "NO_TOTP_PENDING", "No authenticator is being set up: begin again.";
}
