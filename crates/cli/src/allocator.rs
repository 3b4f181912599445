//! The allocator, which only the binary chooses.
//!
//! Reading a bundle makes millions of small texts on all cores. glibc's allocator grows its arenas page by page for them
//! (57,000 `mprotect` calls for 15,000 principals) while other cores wait; mimalloc takes a third less time on the
//! bench `stock-take`. Huge pages are off (`no_thp`): each is cleared whole when it is first touched, and in a virtual
//! machine that cost half a second.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
