//! Why a request cannot be asked (semantics.md 9.1).

use core::fmt;

macro_rules! request_errors {
    ($($name:ident $rule:literal $message:literal;)*) => {
        /// Why a request cannot be asked. Its class is E-REQUEST (semantics.md 2.8); it is never an allow (INV-6).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "each variant's message says it")]
        pub enum RequestError { $($name),* }

        impl RequestError {
            /// The rule of semantics.md that is broken.
            pub const fn rule(self) -> &'static str {
                match self { $(RequestError::$name => $rule),* }
            }
        }

        impl fmt::Display for RequestError {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(RequestError::$name => $message),* })
            }
        }
    };
}

request_errors! {
    MissingPrincipal "REQ-3" "the request has no principal";
    MissingAction "REQ-1" "the request has no action";
    MissingResource "REQ-2" "the request has no resource";
    Action "REQ-1" "the action is not of the form `service:Name` without wildcards, blanks and control characters";
    ActionTooLong "LIM-2" "the action has more than 256 bytes";
    Principal "REQ-3" "the principal is no ARN of a root user, user, role, role session or federated-user session, nor a name";
    PrincipalTooLong "LIM-2" "the principal has more than 2,048 bytes";
    SessionOfOtherRole "REQ-3" "session and role do not agree in partition, account and role name";
    SessionOfOtherUser "REQ-3" "the federated-user session and the user do not agree in partition and account";
    Resource "REQ-2" "the resource is neither `*` nor an ARN with six fields";
    ResourceTooLong "LIM-2" "a resource has more than 4,096 bytes";
    ResourceCount "LIM-2" "the request has more than 64 resources";
    StarAmongResources "REQ-2" "`*` stands among several resources";
    ResourceAccount "REQ-4" "the resource account is not 12 digits";
    ResourceAccountConflict "REQ-4" "the resource's ARN names another account than the resource account";
    PoliciesWithoutAccount "REQ-5" "a requester without an account cannot have identity policies, a boundary, session policies or scps";
    PoliciesOfRoot "REQ-5" "a root user cannot have identity policies, a boundary or session policies";
    KeyRepeated "CND-5" "two context keys are equal but for letter case";
    KeyCount "LIM-2" "the context has more than 256 keys";
    KeyTooLong "LIM-2" "a context key has more than 512 bytes";
    ValueCount "LIM-2" "a context key has more than 1,024 values";
    ValueTooLong "LIM-2" "a context value has more than 8,192 bytes";
    DerivedKeyDiffers "CTX-3" "the context states a derived key with another value than the request gives it";
    DerivedKeyAbsent "CTX-3" "the context states a derived key that this request does not have";
    SessionOfOther "DIR-14" "the session belongs to another kind of principal: policies and tags are a role session's or a federated user's";
    SessionIssuer "DIR-5" "the session's issuer is not the user that the principal states, or of another account";
    SessionWithoutDirectory "DIR-14" "a session record goes with a bundle that has a directory";
    SessionKeyDiffers "CTX-7" "the context states a key of the session with another value than the session's record";
    StaleHandle "ERR-1" "a handle of another bundle";
}

impl core::error::Error for RequestError {}
