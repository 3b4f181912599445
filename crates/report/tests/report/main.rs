//! Every format on two outcomes: one as an account gives it, one made of hostile names.

#[cfg(test)]
mod csv;
#[cfg(test)]
mod folder;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod terminal;
