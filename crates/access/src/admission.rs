//! Whether a role lets somebody in who is no principal of the inventory.

use leastgrant_policy::evaluate::Request;
use leastgrant_policy::{Action, Context, Principal, Resource};

use crate::world::stand_in;
use crate::{Access, Subject, Verdict, World};

impl Access {
    /// Whether a caller of whom the inventory has nothing may do something to a resource.
    ///
    /// The caller's own side is taken to allow everything, as who holds another account can have it: the resource's policy and the
    /// resource control policies above it decide. `context` is open or closed, as it is given; nothing is added to it but what
    /// the caller's ARN implies.
    #[must_use]
    pub fn admits(
        &self,
        caller: &Principal,
        action: &Action,
        resource: &Resource,
        context: Context,
    ) -> Verdict {
        let subject = Subject::without_policies(caller.clone());
        let owner = self.owner_of(resource);
        let request = Request::new(
            caller.clone(),
            action.clone(),
            resource.clone(),
            owner,
            context,
        );
        let mut assembled = self.policies_for(&subject, &request, World::Generous);
        assembled.policies.identity.extend(stand_in());
        self.decide_over(&subject, &request, &assembled)
    }
}
