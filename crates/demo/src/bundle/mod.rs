//! Writes the organisation as the offline bundle that plain `aws` calls would make: one folder an
//! account, all of the same shape.

mod access_analyzer;
mod access_keys;
mod account;
mod authorization;
mod credential_report;
mod folder;
mod last_accessed;
mod organization;
mod permission_sets;
mod trails;
mod user_credentials;
mod wrapped;

pub(crate) use folder::Folder;
pub(crate) use permission_sets::unassigned as unassigned_permission_sets;

use rayon::prelude::*;

use crate::Error;
use crate::model::{Account, Organisation};

/// Writes everything but CloudTrail files and the truth.
pub(crate) fn write(organisation: &Organisation, folder: &Folder) -> Result<(), Error> {
    organisation
        .accounts
        .par_iter()
        .try_for_each(|account| write_account(organisation, account, folder))?;
    organization::write(organisation, folder)?;
    permission_sets::write(organisation, folder)?;
    access_analyzer::write(organisation, folder)
}

/// Writes what every account has. The folders with a file for each user are filled by one thread
/// each: the file system lets only one at a time into a folder.
fn write_account(
    organisation: &Organisation,
    account: &Account,
    folder: &Folder,
) -> Result<(), Error> {
    let large_files = || {
        authorization::write(organisation, account, folder)?;
        account::write(account, folder)?;
        credential_report::write(account, folder)?;
        user_credentials::write(account, folder)?;
        trails::write(organisation, account, folder)
    };
    let small_files = || {
        rayon::join(
            || last_accessed::write(organisation, account, folder),
            || access_keys::write(account, folder),
        )
    };
    let (large, (last_accessed, access_keys)) = rayon::join(large_files, small_files);
    large.and(last_accessed).and(access_keys)
}
