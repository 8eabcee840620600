//! What messages call the parts of a policy: its author's words, which differ by notation.

use crate::source::Notation;

macro_rules! words {
    ($($name:ident: $json:literal, $dictum:literal;)*) => {
        /// The words of one notation.
        pub(super) struct Words {
            $(pub(super) $name: &'static str,)*
        }

        static JSON: Words = Words { $($name: $json,)* };
        static DICTUM: Words = Words { $($name: $dictum,)* };
    };
}

words! {
    id: "`Id`", "`id`";
    no_version: "an rcp without Version", "an rcp without a version";
    write_version: "write `\"Version\": \"2012-10-17\"`", "leave `version` out, or write `version=\"2012-10-17\"`";
    old_variable: "`${` is ordinary text in a policy of this Version", "`${` is ordinary text in a policy of this version";
    variables_need: "variables need `\"Version\": \"2012-10-17\"`",
        "variables need the version 2012-10-17, which a policy has that names none";
    an_allow: "an Allow", "an `allow`";
    bare_deny: "a Deny of the bare action `*`", "a `deny` of the bare action `*`";
    full_access: "its one Allow is full access: Principal, Action and Resource `*`, no Condition",
        "its one `allow` is full access: `allow * from * on *`, without `if`";
    no_actions: "an empty list under `Action`", "an empty list of actions";
    no_excepted_actions: "an empty list under `NotAction`", "an empty list of actions behind `except`";
    not_action: "`NotAction`", "`* except` before actions";
    resource: "`Resource`", "`on`";
    no_resources: "an empty list under `Resource`", "an empty list of resources";
    not_resource: "`NotResource`", "`on * except`";
    no_excepted_resources: "an empty list under `NotResource`", "an empty list of resources behind `except`";
    except_nothing: "with Deny it applies to everything, with Allow to nothing",
        "with `deny` it applies to everything, with `allow` to nothing";
    without_resource: "without Resource or NotResource", "without `on`";
    expected_resource: "", "`on` and ARNs, or `on *`, behind the actions";
    principal: "`Principal`", "`from`";
    attached: "it applies to whom it is attached to",
        "it applies to whom it is attached to; a policy of a resource has `type=resource`";
    not_principal: "`NotPrincipal`", "`from * except`";
    allow_not_principal: "`Allow` with `NotPrincipal`", "`allow` with `from * except`";
    without_principal: "without Principal", "without `from`";
    expected_principal: "", "`from` and principals, or `from *`, behind the actions";
    expected_everyone: "", "`from *` behind the actions";
    rcp_principal: "its principal is `\"*\"`; name principals in a condition on `aws:PrincipalArn`",
        "write `from *`; name principals in a condition on `aws:PrincipalArn`";
    many_principals: "to match many, use `*` with an `ArnLike` condition on `aws:PrincipalArn`",
        "to match many, write `from *` and `if aws:PrincipalArn like arn:…`";
    service: "services stand under `Service`", "write `service(…)`";
    federated: "identity providers stand under `Federated`", "write `federated(…)`";
    bools: "several values under `Bool`", "several booleans in one list";
}

impl Words {
    /// Those of a notation.
    pub(super) fn of(notation: Notation) -> &'static Words {
        match notation {
            Notation::Json => &JSON,
            Notation::Dictum => &DICTUM,
        }
    }
}
