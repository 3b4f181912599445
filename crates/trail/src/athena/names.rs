//! What a user names that ends up in SQL: each has a narrow form, and nothing else passes.

use std::str::FromStr;

use super::sql::identifier;

/// A name that SQL or a location in S3 cannot hold, or that AWS does not give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not `DATABASE.TABLE`.
    #[error(
        "`{text}` is no table: give `DATABASE.TABLE`, both of letters, digits, `_` and `-`, as Athena lists them"
    )]
    Table {
        /// What was given.
        text: String,
    },
    /// Not `NAME=COLUMN` with one of the names.
    #[error(
        "`{text}` maps no partition column: give `region=COLUMN`, `day=COLUMN` or `account=COLUMN`, the column of letters, digits and `_`"
    )]
    Partition {
        /// What was given.
        text: String,
    },
    /// Not 12 digits.
    #[error("`{text}` is no account: give its 12 digits")]
    Account {
        /// What was given.
        text: String,
    },
    /// Not like `eu-west-1`.
    #[error("`{text}` is no Region: give its code, such as `eu-west-1`")]
    Region {
        /// What was given.
        text: String,
    },
    /// Not `s3://BUCKET/PREFIX`.
    #[error(
        "`{text}` is no place in S3: give `s3://BUCKET` or `s3://BUCKET/PREFIX`, the prefix of letters, digits and `!_.*()=@+-/`"
    )]
    Location {
        /// What was given.
        text: String,
    },
    /// Not like `o-a1b2c3d4e5`.
    #[error("`{text}` is no organization: give its id, such as `o-a1b2c3d4e5`")]
    Organization {
        /// What was given.
        text: String,
    },
    /// Not an ARN of IAM or STS.
    #[error(
        "`{text}` is no user, role or session: give its ARN, such as `arn:aws:iam::111122223333:role/deploy`"
    )]
    Principal {
        /// What was given.
        text: String,
    },
}

fn is_made_of(text: &str, length: std::ops::RangeInclusive<usize>, others: &str) -> bool {
    length.contains(&text.len())
        && text
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || others.contains(one))
}

/// A table of Athena's default catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    pub(super) database: String,
    pub(super) table: String,
}

impl FromStr for TableName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_name = |name: &str| is_made_of(name, 1..=255, "_-");
        match text.split_once('.') {
            Some((database, table)) if is_name(database) && is_name(table) => Ok(Self {
                database: database.to_owned(),
                table: table.to_owned(),
            }),
            _ => Err(NameError::Table {
                text: text.to_owned(),
            }),
        }
    }
}

impl std::fmt::Display for TableName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.database, self.table)
    }
}

impl TableName {
    /// As queries name it.
    pub(super) fn in_query(&self) -> String {
        format!("{}.{}", identifier(&self.database), identifier(&self.table))
    }

    /// As statements that define tables name it: Hive's SQL quotes in its own way.
    pub(super) fn in_definition(&self) -> String {
        format!("`{}`.`{}`", self.database, self.table)
    }
}

/// What a table's partition columns are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionColumns {
    pub(super) region: String,
    pub(super) day: String,
    pub(super) account: String,
}

impl Default for PartitionColumns {
    fn default() -> Self {
        Self {
            region: "region".to_owned(),
            day: "day".to_owned(),
            account: "account".to_owned(),
        }
    }
}

impl PartitionColumns {
    /// The usual names, but for those that are told as `NAME=COLUMN`.
    ///
    /// # Errors
    /// [`NameError::Partition`].
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NameError> {
        let mut columns = Self::default();
        for text in texts {
            let error = || NameError::Partition {
                text: text.to_owned(),
            };
            let (name, column) = text.split_once('=').ok_or_else(error)?;
            let place = match name {
                "region" => &mut columns.region,
                "day" => &mut columns.day,
                "account" => &mut columns.account,
                _ => return Err(error()),
            };
            if !is_made_of(column, 1..=255, "_") {
                return Err(error());
            }
            *place = column.to_ascii_lowercase();
        }
        Ok(columns)
    }
}

/// A text of a form that is checked when it is read, so that it can be in SQL.
macro_rules! checked_text {
    ($(#[$attribute:meta])* $name:ident, $error:ident, $is:expr) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let is: fn(&str) -> bool = $is;
                if is(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NameError::$error {
                        text: text.to_owned(),
                    })
                }
            }
        }

        impl $name {
            /// The text.
            #[must_use]
            pub fn text(&self) -> &str {
                &self.0
            }
        }
    };
}

checked_text!(
    /// An account's 12 digits.
    AccountId,
    Account,
    |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
);
checked_text!(
    /// A Region's code.
    RegionName,
    Region,
    |text| is_made_of(text, 5..=30, "-") && text.contains('-')
);
checked_text!(
    /// An organization's id.
    OrganizationId,
    Organization,
    |text| text
        .strip_prefix("o-")
        .is_some_and(|rest| is_made_of(rest, 10..=32, ""))
);
checked_text!(
    /// Where a trail delivers to, without a slash at its end.
    TrailLocation,
    Location,
    |text| {
        let Some(rest) = text.strip_prefix("s3://") else {
            return false;
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, "p"));
        is_made_of(bucket, 3..=63, ".-")
            && is_made_of(prefix, 1..=512, "!_.*()=@+-/")
            && !prefix.ends_with('/')
    }
);
checked_text!(
    /// A user's, role's or session's ARN.
    PrincipalArn,
    Principal,
    |text| {
        // IAM's names and paths, and the names of sessions.
        is_made_of(text, 20..=2048, ":/+=,.@_-!#$%&'()*;<>?[]^`{|}~\"\\")
            && text.starts_with("arn:")
            && (text.contains(":iam::") || text.contains(":sts::"))
    }
);

#[cfg(test)]
mod tests {
    use super::super::sql::literal;
    use super::*;

    #[test]
    fn hostile_names_do_not_pass() {
        for text in [
            "", "logs", "a.b.c", "a.", ".b", "a.b;", "a.b\"", "a.`b`", "a.b -- c", "a.b\n", "ä.b",
            "a.b'",
        ] {
            assert!(text.parse::<TableName>().is_err(), "{text}");
        }
        for text in [
            "day", "day=", "days=d", "day=d\"", "day=a b", "=d", "day=d=e", "day=`d`", "day='d'",
        ] {
            assert!(PartitionColumns::of([text]).is_err(), "{text}");
        }
        for text in ["", "1111222233334", "11112222333a", "' OR 1=1 --1"] {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
        for text in [
            "s3://b",
            "http://bucket",
            "s3://bucket/",
            "s3://bucket/a'b",
            "s3://bucket/${x}",
            "s3://bucket/a\\b",
        ] {
            assert!(text.parse::<TrailLocation>().is_err(), "{text}");
        }
        for text in ["eu", "eu-west-1'", "eu west-1"] {
            assert!(text.parse::<RegionName>().is_err(), "{text}");
        }
        assert!("o-a".parse::<OrganizationId>().is_err());
        for text in [
            "bob",
            "arn:aws:iam::111122223333:user/a b",
            "arn:aws:s3:::bucket-of-some-name",
        ] {
            assert!(text.parse::<PrincipalArn>().is_err(), "{text}");
        }
    }

    #[test]
    fn quotes_in_names_stay_in_their_value() {
        let principal: PrincipalArn = "arn:aws:iam::111122223333:user/a'||'b".parse().unwrap();
        assert_eq!(
            literal(principal.text()),
            "'arn:aws:iam::111122223333:user/a''||''b'"
        );
        let table: TableName = "logs-2.trail_1".parse().unwrap();
        assert_eq!(table.in_query(), "\"logs-2\".\"trail_1\"");
        let columns = PartitionColumns::of(["day=timestamp"]).unwrap();
        assert_eq!((&*columns.day, &*columns.region), ("timestamp", "region"));
    }
}
