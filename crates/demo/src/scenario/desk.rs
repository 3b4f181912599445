//! Where scenarios get their names, dates and random numbers from.

use fastrand::Rng;

use crate::model::{Common, Place, Rhythm, Role, Trust, User};
use crate::moment::{DAY, HOUR, Moment};
use crate::ownership::{self, Ownership};
use crate::randomness::{access_key_id, number, unique_id};
use crate::{names, policy};

/// What all scenarios know about the organisation.
#[derive(Debug)]
pub(super) struct Ground {
    /// The organisation's id.
    pub(super) organisation: String,
    /// The accounts' ids.
    pub(super) accounts: Vec<String>,
}

impl Ground {
    fn account(&self, index: usize) -> String {
        index
            .checked_rem(self.accounts.len())
            .and_then(|index| self.accounts.get(index))
            .cloned()
            .unwrap_or_default()
    }
}

/// The desk at which one principal is made up.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    /// The random numbers of this principal.
    pub(super) rng: Rng,
    /// The organisation.
    pub(super) ground: &'a Ground,
    /// The principal's place among the users, or among the roles.
    pub(super) position: usize,
    /// Whether the principal only fills up the organisation; the scenario has been there before.
    pub(super) filler: bool,
}

impl Desk<'_> {
    /// The id of the account that the principal is made for.
    pub(super) fn account(&self) -> String {
        self.ground.account(self.position)
    }

    /// The id of the account that the next principal is made for.
    pub(super) fn next_account(&self) -> String {
        self.ground.account(self.position.saturating_add(1))
    }

    /// The id of the account that the principal before this one was made for.
    pub(super) fn previous_account(&self) -> String {
        let count = self.ground.accounts.len();
        self.ground
            .account(self.position.saturating_add(count).saturating_sub(1))
    }

    /// A random instant between two numbers of days ago, never at either of them and never within
    /// the four hours that AWS's data lag behind.
    pub(super) fn ago(&mut self, least_days: i64, most_days: i64) -> Moment {
        let least = least_days.saturating_mul(DAY).saturating_add(4 * HOUR);
        let most = most_days.saturating_mul(DAY).saturating_sub(HOUR);
        Moment::seconds_ago(self.rng.i64(least..most.max(least.saturating_add(1))))
    }

    /// How often something usual happens. Fillers do little, since there may be many thousands.
    pub(super) fn rhythm(&mut self) -> Rhythm {
        if !self.filler {
            return Rhythm::Weekly;
        }
        match self.rng.u8(0..10) {
            0 => Rhythm::Weekly,
            1..4 => Rhythm::Quarterly,
            _ => Rhythm::Monthly,
        }
    }

    /// A user who is a person.
    pub(super) fn person(&mut self, created: Moment) -> User {
        self.user(names::person(self.position), "/", created)
    }

    /// A user who is a machine.
    pub(super) fn machine(&mut self, purpose: &str, created: Moment) -> User {
        let application = names::application(self.position);
        let mut user = self.user(format!("{purpose}-{application}"), "/", created);
        user.common.user_agent = self.machines_client();
        user
    }

    /// The client that a machine at this place calls with.
    fn machines_client(&self) -> &'static str {
        MACHINES
            .get(self.position.checked_rem(MACHINES.len()).unwrap_or(0))
            .copied()
            .unwrap_or("Boto3")
    }

    /// A user of a given name and path.
    pub(super) fn user(&mut self, name: String, path: &str, created: Moment) -> User {
        let mut key_ids = [
            access_key_id(&mut self.rng, "AKIA"),
            access_key_id(&mut self.rng, "AKIA"),
        ];
        // The credential report's slots follow the order of the ids.
        key_ids.sort();
        let common = self.common("AIDA", path, created);
        User {
            arn: format!("arn:aws:iam::{}:user{path}{name}", common.place.account),
            name,
            common,
            groups: Vec::new(),
            password: None,
            mfa: false,
            keys: Vec::new(),
            key_ids,
            key_holders: Vec::new(),
            service_credential: None,
        }
    }

    /// A role named after its application and its purpose.
    pub(super) fn role(&mut self, purpose: &str, created: Moment, trust: Trust) -> Role {
        let application = names::application(self.position);
        self.named_role(format!("{application}-{purpose}"), "/", created, trust)
    }

    /// A role of a given name and path.
    pub(super) fn named_role(
        &mut self,
        name: String,
        path: &str,
        created: Moment,
        trust: Trust,
    ) -> Role {
        let mut common = self.common("AROA", path, created);
        if trust != Trust::IdentityCenter {
            common.user_agent = self.machines_client();
        }
        Role {
            arn: format!("arn:aws:iam::{}:role{path}{name}", common.place.account),
            name,
            common,
            trust,
            instance_profile: None,
            permission_set: None,
            recorded_last_use: None,
        }
    }

    fn common(&mut self, prefix: &str, path: &str, created: Moment) -> Common {
        let place = Place {
            account: self.account(),
            neighbour: self.next_account(),
            organisation: self.ground.organisation.clone(),
            region: ["eu-central-1", "us-east-1", "eu-west-1"]
                .get(self.rng.usize(0..6))
                .copied()
                .unwrap_or("eu-central-1"),
            app: names::application(self.position),
            target: "*".to_owned(),
        };
        let mut common = Common {
            scenario: "",
            id: unique_id(&mut self.rng, prefix),
            path: path.to_owned(),
            created,
            tags: Vec::new(),
            owner: ownership::UNOWNED.to_owned(),
            boundary: None,
            attached: Vec::new(),
            inline: Vec::new(),
            grants: Vec::new(),
            policy_version: policy::VERSION,
            policies_are_final: false,
            place,
            source_ip: format!("203.0.113.{}", self.rng.u8(1..=254)),
            user_agent: PEOPLE
                .get(self.rng.usize(0..PEOPLE.len()))
                .copied()
                .unwrap_or("aws-cli"),
            vpc_endpoint: None,
            uses: Vec::new(),
            expected: Vec::new(),
            near_misses: Vec::new(),
            shown: Vec::new(),
            accessed_unlogged: None,
        };
        let shape = self.position.checked_rem(ownership::ORDINARY.len());
        if let Some(shape) = shape.and_then(|shape| ownership::ORDINARY.get(shape)) {
            own(&mut common, shape);
        }
        common
    }

    /// A name for a repository or the like that is different for each principal.
    pub(super) fn number(&self) -> u64 {
        number(self.position)
    }
}

/// Replaces a principal's tags about ownership.
pub(super) fn own(common: &mut Common, ownership: &Ownership) {
    common.tags = ownership
        .tags
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    ownership.owner.clone_into(&mut common.owner);
}

/// Adds a managed policy.
pub(super) fn attach(common: &mut Common, policy: &'static policy::ManagedPolicy) {
    common.attached.push(policy);
}

/// The clients that people call with; in the console they have a browser.
const PEOPLE: &[&str] = &[
    "aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7 md/command#ec2.describe-instances",
    "aws-cli/2.28.1 md/awscrt#0.27.4 ua/2.1 os/linux#6.12.0 md/arch#x86_64 lang/python#3.13.5",
];

/// The clients of machines.
const MACHINES: &[&str] = &[
    "Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.12.11",
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io) terraform-provider-aws/6.14.1 aws-sdk-go-v2/1.39.2 os/linux lang/go#1.24.6",
    "aws-sdk-java/2.34.5 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.0 lang/java#21.0.8",
];
