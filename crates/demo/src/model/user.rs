//! Users and their credentials.

use super::usage::Schedule;
use super::{Actor, Client, Common, Expected, LastUse, Rhythm, Rule, Use};
use crate::calls::{self, ApiCall};
use crate::moment::Moment;
use crate::policy::Group;

/// A password for the console.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Password {
    /// When it was set or last changed.
    pub(crate) changed: Moment,
    /// When it was last used.
    pub(crate) last_used: Option<Moment>,
}

/// A long-term access key. Its second half does not exist, here as in every listing.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// The id, `AKIA…`.
    pub(crate) id: String,
    /// Whether it is switched on.
    pub(crate) active: bool,
    /// When it was created.
    pub(crate) created: Moment,
    /// When it was last used.
    pub(crate) last_used: Option<LastUse>,
}

/// A credential for one service, next to password and access keys.
#[derive(Clone, Debug)]
pub(crate) enum ServiceCredential {
    /// A public key for CodeCommit over SSH.
    SshKey {
        /// The id, `APKA…`.
        id: String,
        /// Whether it is switched on.
        active: bool,
        /// When it was uploaded.
        uploaded: Moment,
    },
    /// A user name and password, or an API key, for one service.
    ServiceSpecific {
        /// The id, `ACCA…`.
        id: String,
        /// The service's host.
        service: &'static str,
        /// When it was created.
        created: Moment,
        /// When it ends by itself.
        expires: Option<Moment>,
    },
    /// An X.509 certificate for old SOAP interfaces.
    SigningCertificate {
        /// The id, 32 letters.
        id: String,
        /// Whether it is switched on.
        active: bool,
        /// When it was uploaded.
        uploaded: Moment,
    },
}

/// A user.
#[derive(Debug)]
pub(crate) struct User {
    /// The user's name.
    pub(crate) name: String,
    /// The user's ARN, path included.
    pub(crate) arn: String,
    /// What users and roles have in common.
    pub(crate) common: Common,
    /// The groups that the user is a member of.
    pub(crate) groups: Vec<&'static Group>,
    /// The password, if there is one.
    pub(crate) password: Option<Password>,
    /// Whether an MFA device is active.
    pub(crate) mfa: bool,
    /// The access keys, at most two, in the order of their ids.
    pub(crate) keys: Vec<Key>,
    /// The ids that the user's keys will have, in order.
    pub(crate) key_ids: [String; 2],
    /// Who holds which key, where logs tell it.
    pub(crate) key_holders: Vec<(String, KeyHolder)>,
    /// The credential for one service, at most one.
    pub(crate) service_credential: Option<ServiceCredential>,
}

/// Who holds an access key, as logs tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyHolder {
    /// Somebody at a computer.
    Person,
    /// A program on AWS.
    Workload,
    /// A CI system.
    ContinuousIntegration,
    /// The product of a vendor.
    Vendor,
    /// Several of these.
    Several,
}

impl KeyHolder {
    /// The name in `truth.json`.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Workload => "workload",
            Self::ContinuousIntegration => "ci",
            Self::Vendor => "vendor",
            Self::Several => "several",
        }
    }
}

/// The number of an access key in the credential report, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot(usize);

impl User {
    /// Gives the user a password that has not been used.
    pub(crate) fn give_password(&mut self, changed: Moment) {
        self.password = Some(Password {
            changed,
            last_used: None,
        });
    }

    /// Signs the user in.
    pub(crate) fn sign_in(&mut self, rhythm: Rhythm, last: Moment) {
        if let Some(password) = &mut self.password {
            password.last_used = Some(last);
        }
        self.common.uses.push(Use {
            call: &calls::CONSOLE_LOGIN,
            region: "us-east-1",
            schedule: Schedule {
                rhythm,
                last,
                not_before: self.common.created,
            },
            actor: Actor::Password,
            denied: None,
            invoked_by: None,
            client: None,
        });
    }

    /// Gives the user an active access key in the next slot.
    pub(crate) fn give_key(&mut self, created: Moment) -> Slot {
        let slot = Slot(self.keys.len());
        if let Some(id) = self.key_ids.get(slot.0) {
            self.keys.push(Key {
                id: id.clone(),
                active: true,
                created,
                last_used: None,
            });
        }
        slot
    }

    /// Switches an access key off.
    pub(crate) fn deactivate(&mut self, slot: Slot) {
        if let Some(key) = self.keys.get_mut(slot.0) {
            key.active = false;
        }
    }

    /// Calls an API with an access key.
    pub(crate) fn call(
        &mut self,
        slot: Slot,
        call: &'static ApiCall,
        rhythm: Rhythm,
        last: Moment,
    ) {
        self.common.grant(call.grants);
        self.call_without_grant(slot, call, rhythm, last, None);
    }

    /// Calls an API with an access key, in vain.
    pub(crate) fn call_denied(
        &mut self,
        slot: Slot,
        call: &'static ApiCall,
        rhythm: Rhythm,
        last: Moment,
        reason: &'static str,
    ) {
        self.call_without_grant(slot, call, rhythm, last, Some(reason));
    }

    fn call_without_grant(
        &mut self,
        slot: Slot,
        call: &'static ApiCall,
        rhythm: Rhythm,
        last: Moment,
        denied: Option<&'static str>,
    ) {
        let region = call.home.unwrap_or(self.common.place.region);
        let Some(key) = self.keys.get_mut(slot.0) else {
            return;
        };
        let schedule = Schedule {
            rhythm,
            last,
            not_before: key.created,
        };
        let last_use = LastUse {
            at: schedule.recorded_last_use(),
            region: call.recorded_region.unwrap_or(region),
            service: call.service(),
        };
        if key.last_used.is_none_or(|known| known.at < last_use.at) {
            key.last_used = Some(last_use);
        }
        self.common.uses.push(Use {
            call,
            region,
            schedule,
            actor: Actor::Key(key.id.clone()),
            denied,
            invoked_by: None,
            client: None,
        });
    }

    /// Says that the last call was made by a service with the user's rights.
    pub(crate) fn through(&mut self, service: &'static str) {
        if let Some(last) = self.common.uses.last_mut() {
            last.invoked_by = Some(service);
        }
    }

    /// Says that the last call was made by another client than the user's usual one.
    pub(crate) fn with(&mut self, client: Client) {
        if let Some(last) = self.common.uses.last_mut() {
            last.client = Some(client);
        }
    }

    /// States what logs tell of who holds an access key.
    pub(crate) fn held_by(&mut self, slot: Slot, holder: KeyHolder) {
        if let Some(key) = self.keys.get(slot.0) {
            self.key_holders.push((key.id.clone(), holder));
        }
    }

    /// States that an auditor must find this about an access key.
    pub(crate) fn expect_of_key(&mut self, rule: Rule, slot: Slot) {
        let key = self.keys.get(slot.0).map(|key| key.id.clone());
        self.common.expected.push(Expected { rule, key });
    }

    /// States that an auditor must find this about the user.
    pub(crate) fn expect(&mut self, rule: Rule) {
        self.common.expect(rule);
    }

    /// States that these rules must find nothing here, although they nearly would.
    pub(crate) fn nearly(&mut self, rules: &[Rule]) {
        self.common.nearly(rules);
    }
}
