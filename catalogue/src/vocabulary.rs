//! What is enumerable in the catalogue: access levels, types of keys, groups of global keys; each with its letter in the
//! compact form and its name in the sources.

macro_rules! vocabulary {
    ($(#[$meta:meta])* $Name:ident { $($(#[$note:meta])* $Variant:ident $letter:literal $name:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $Name { $($(#[$note])* $Variant),* }

        impl $Name {
            /// All, in the order of the table.
            pub const ALL: &'static [$Name] = &[$($Name::$Variant),*];

            /// As the sources spell it.
            pub const fn name(self) -> &'static str {
                match self { $($Name::$Variant => $name),* }
            }

            pub(crate) const fn letter(self) -> &'static str {
                match self { $($Name::$Variant => $letter),* }
            }

            pub(crate) fn from_letter(letter: &str) -> Option<$Name> {
                $Name::ALL.iter().copied().find(|it| it.letter() == letter)
            }

            pub(crate) fn from_name(name: &str) -> Option<$Name> {
                $Name::ALL.iter().copied().find(|it| it.name() == name)
            }
        }
    };
}

vocabulary! {
    /// What an action does to what it is about.
    Access {
        /// Shows that resources exist.
        List "l" "List";
        /// Reads what is in them.
        Read "r" "Read";
        /// Makes, changes or deletes them.
        Write "w" "Write";
        /// Changes their tags and nothing else.
        Tagging "t" "Tagging";
        /// Changes who may do what.
        PermissionsManagement "p" "Permissions management";
    }
}

vocabulary! {
    /// The type of a condition key's values.
    KeyType {
        /// Text.
        String "S" "String";
        /// An ARN.
        Arn "A" "ARN";
        /// `true` or `false`.
        Bool "B" "Bool";
        /// A number.
        Numeric "N" "Numeric";
        /// An instant.
        Date "D" "Date";
        /// An address.
        IpAddress "I" "IPAddress";
    }
}

vocabulary! {
    /// What a global key is about.
    Group {
        /// Who calls.
        Principal "p" "principal";
        /// The session of the call's credentials.
        Session "s" "session";
        /// The way the call came.
        Network "n" "network";
        /// What the call is for.
        Resource "r" "resource";
        /// The call itself.
        Request "q" "request";
    }
}
