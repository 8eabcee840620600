//! The table of condition operators (semantics.md 7.4 to 7.11): name, family, comparison, negation.
//!
//! Everything that enumerates operators is made from this one table: the enum, its numbers in a bundle, name look-up,
//! listings and documentation.

/// What kind of value an operator compares, and so how policy and request values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Code points, exactly (CND-30).
    String,
    /// Code points after lower-casing (CND-31).
    StringIgnoreCase,
    /// Free globs (CND-32).
    StringLike,
    /// Exact decimals (CND-33, CND-34).
    Numeric,
    /// Instants in milliseconds (CND-40 to CND-42).
    Date,
    /// `true` or anything else (CND-45, CND-46).
    Bool,
    /// Base64 texts (CND-49).
    Binary,
    /// Addresses and networks (CND-50 to CND-55).
    IpAddress,
    /// ARNs, component by component (CND-60 to CND-63).
    Arn,
    /// Presence of the key (CND-65).
    Null,
}

/// How the request value (left) must stand to a policy value (right).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

macro_rules! operators {
    ($($name:ident $family:ident $comparison:ident $negated:literal;)*) => {
        /// A base operator, without quantifier and `IfExists` (OPR-1).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the names are IAM's")]
        pub enum Operator { $($name),* }

        impl Operator {
            /// Every operator, in the order of the table, which is the order of their numbers in a bundle.
            pub const ALL: &'static [Operator] = &[$(Operator::$name),*];

            /// The name as IAM spells it.
            pub const fn name(self) -> &'static str {
                match self { $(Operator::$name => stringify!($name)),* }
            }

            /// What kind of value it compares.
            pub const fn family(self) -> Family {
                match self { $(Operator::$name => Family::$family),* }
            }

            /// How the request value must stand to the policy value; for negated operators, that of the positive twin.
            pub const fn comparison(self) -> Comparison {
                match self { $(Operator::$name => Comparison::$comparison),* }
            }

            /// Whether it holds when *no* policy value matches (CND-2).
            pub const fn is_negated(self) -> bool {
                match self { $(Operator::$name => $negated),* }
            }
        }
    };
}

operators! {
    StringEquals              String           Equal          false;
    StringNotEquals           String           Equal          true;
    StringEqualsIgnoreCase    StringIgnoreCase Equal          false;
    StringNotEqualsIgnoreCase StringIgnoreCase Equal          true;
    StringLike                StringLike       Equal          false;
    StringNotLike             StringLike       Equal          true;
    NumericEquals             Numeric          Equal          false;
    NumericNotEquals          Numeric          Equal          true;
    NumericLessThan           Numeric          Less           false;
    NumericLessThanEquals     Numeric          LessOrEqual    false;
    NumericGreaterThan        Numeric          Greater        false;
    NumericGreaterThanEquals  Numeric          GreaterOrEqual false;
    DateEquals                Date             Equal          false;
    DateNotEquals             Date             Equal          true;
    DateLessThan              Date             Less           false;
    DateLessThanEquals        Date             LessOrEqual    false;
    DateGreaterThan           Date             Greater        false;
    DateGreaterThanEquals     Date             GreaterOrEqual false;
    Bool                      Bool             Equal          false;
    BinaryEquals              Binary           Equal          false;
    IpAddress                 IpAddress        Equal          false;
    NotIpAddress              IpAddress        Equal          true;
    ArnEquals                 Arn              Equal          false;
    ArnLike                   Arn              Equal          false;
    ArnNotEquals              Arn              Equal          true;
    ArnNotLike                Arn              Equal          true;
    Null                      Null             Equal          false;
}

impl Operator {
    /// The operator of a name, whatever its letter case (OPR-2); quantifier and suffix must be off already.
    pub fn from_name(name: &str) -> Option<Operator> {
        Operator::ALL.iter().copied().find(|operator| operator.name().eq_ignore_ascii_case(name))
    }

    /// The operator of a number in a bundle.
    pub fn from_number(number: u8) -> Option<Operator> {
        Operator::ALL.get(usize::from(number)).copied()
    }

    /// Whether its values may hold policy variables (VAR-5, VAR-6).
    pub const fn takes_variables(self) -> bool {
        matches!(
            self.family(),
            Family::String | Family::StringIgnoreCase | Family::StringLike | Family::Arn | Family::Bool
        )
    }

    /// Whether its values are patterns, in which `*` and `?` are wildcards.
    pub const fn has_patterns(self) -> bool {
        matches!(self.family(), Family::StringLike | Family::Arn)
    }
}

/// How an operator meets several request values (CND-20, CND-21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantifier {
    /// `ForAllValues`: every request value satisfies the operator; true of no value.
    ForAllValues,
    /// `ForAnyValue`: at least one request value satisfies the operator; false of no value.
    ForAnyValue,
}

impl Quantifier {
    /// The name as IAM spells it, without the colon.
    pub const fn name(self) -> &'static str {
        match self {
            Quantifier::ForAllValues => "ForAllValues",
            Quantifier::ForAnyValue => "ForAnyValue",
        }
    }
}

/// An operator as a policy writes it: `[ForAllValues:|ForAnyValue:] Base [IfExists]` (OPR-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Test {
    /// The base operator.
    pub operator: Operator,
    /// The set qualifier, if there is one.
    pub quantifier: Option<Quantifier>,
    /// Whether the suffix `IfExists` stands behind it.
    pub if_exists: bool,
}

impl core::fmt::Display for Test {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if let Some(quantifier) = self.quantifier {
            write!(f, "{}:", quantifier.name())?;
        }
        f.write_str(self.operator.name())?;
        if self.if_exists { f.write_str("IfExists") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_27_and_names_find_them_in_any_case() {
        assert_eq!(Operator::ALL.len(), 27);
        for &operator in Operator::ALL {
            assert_eq!(Operator::from_name(&operator.name().to_ascii_uppercase()), Some(operator));
            assert_eq!(Operator::from_number(operator as u8), Some(operator));
        }
        assert_eq!(Operator::from_name("StringEqual"), None);
    }
}
