//! Names of things in the world: dense numbers that index its vectors.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
        pub struct $name(pub $inner);

        impl $name {
            /// The index into the vector of such things.
            #[must_use]
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A machine-like instance of a component.
    NodeId(u16)
);
id!(
    /// A named part of the cluster file.
    ComponentId(u16)
);
id!(
    /// An ordered pair of nodes.
    LinkId(u32)
);
id!(
    /// A kind of request.
    ClassId(u8)
);
id!(
    /// A fault, in order of injection; never used again.
    FaultId(u32)
);
id!(
    /// A zone of the cluster file. The users' own is [`ZoneId::OUTSIDE`].
    ZoneId(u8)
);

impl ZoneId {
    /// Where users are: outside all zones, so that a cut between zones never cuts users off.
    pub const OUTSIDE: ZoneId = ZoneId(u8::MAX);
}
