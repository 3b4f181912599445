//! The names of a record's members, which stand in the same order in nearly all records.

macro_rules! members {
    ($($member:ident $name:literal)*) => {
        /// A member, by its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Member {
            $($member,)*
            /// One of another name.
            Other,
        }

        #[cfg(test)]
        const ALL: &[(Member, &str)] = &[$((Member::$member, $name)),*];

        impl Member {
            /// The member of a name.
            fn of(name: &[u8]) -> Self {
                $(if name == $name.as_bytes() {
                    return Self::$member;
                })*
                Self::Other
            }

            /// The length of the name with its quotes and the colon, if a text begins with that. One comparison with each is faster than
            /// to look for the name's end.
            #[inline]
            fn length_at(self, text: &[u8]) -> Option<usize> {
                match self {
                    $(Self::$member => {
                        const TEXT: &[u8] = concat!("\"", $name, "\":").as_bytes();
                        text.starts_with(TEXT).then_some(TEXT.len())
                    })*
                    Self::Other => None,
                }
            }
        }
    };
}

// The last ones wrap records.
members! {
    EventVersion "eventVersion"
    UserIdentity "userIdentity"
    EventTime "eventTime"
    EventSource "eventSource"
    EventName "eventName"
    AwsRegion "awsRegion"
    SourceIpAddress "sourceIPAddress"
    UserAgent "userAgent"
    ErrorCode "errorCode"
    ErrorMessage "errorMessage"
    RequestParameters "requestParameters"
    ResponseElements "responseElements"
    AdditionalEventData "additionalEventData"
    RequestId "requestID"
    EventId "eventID"
    ReadOnly "readOnly"
    Resources "resources"
    EventType "eventType"
    ApiVersion "apiVersion"
    ManagementEvent "managementEvent"
    RecipientAccountId "recipientAccountId"
    SharedEventId "sharedEventID"
    VpcEndpointId "vpcEndpointId"
    VpcEndpointAccountId "vpcEndpointAccountId"
    EventCategory "eventCategory"
    TlsDetails "tlsDetails"
    SessionCredentialFromConsole "sessionCredentialFromConsole"
    Timestamp "@timestamp"
    Records "Records"
    Events "Events"
    LogEvents "logEvents"
}

/// With that of other names.
const COUNT: usize = Member::Other as usize + 1;

/// Which member came after which the last time.
#[derive(Debug)]
pub(super) struct KnownNames {
    next: [Member; COUNT],
}

impl Default for KnownNames {
    fn default() -> Self {
        Self {
            next: [Member::Other; COUNT],
        }
    }
}

impl KnownNames {
    /// The member that is expected after another one, if a text begins with its name and nothing else is before the value's white space, and
    /// the length up to there. What begins is after [`Member::Other`].
    #[inline]
    pub(super) fn expected(&self, before: Member, text: &[u8]) -> Option<(Member, usize)> {
        let expected = *self.next.get(place(before))?;
        Some((expected, expected.length_at(text)?))
    }

    /// The member of a name that was not expected.
    pub(super) fn learn(&mut self, before: Member, name: &[u8]) -> Member {
        let member = Member::of(name);
        if let Some(next) = self.next.get_mut(place(before)) {
            *next = member;
        }
        member
    }
}

fn place(member: Member) -> usize {
    usize::from(member as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_order() {
        let mut known = KnownNames::default();
        for step in [1, 7, 11, 5] {
            let mut before = Member::Other;
            for number in 0..ALL.len() {
                let (member, name) = ALL[number * step % ALL.len()];
                let text = format!("\"{name}\":1");
                assert_eq!(known.learn(before, name.as_bytes()), member);
                let expected = Some((member, name.len() + 3));
                assert_eq!(known.expected(before, text.as_bytes()), expected);
                let others = [
                    format!(" {text}"),
                    format!("\"{name}x\":1"),
                    format!("\"{name}\" :1"),
                ];
                for other in others {
                    assert_eq!(known.expected(before, other.as_bytes()), None);
                }
                assert_eq!(known.learn(before, &name.as_bytes()[1..]), Member::Other);
                before = member;
            }
        }
    }
}
