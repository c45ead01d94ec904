//! Making a component of an actor.

/// Makes a component of an actor: `greenroom::export!(Controller)`, or `greenroom::export!(Controller, state)` when its
/// [`State`](crate::State) is to be kept over swaps and restarts. Natively it makes nothing, and only checks the types.
#[macro_export]
macro_rules! export {
    ($actor:ty) => {
        const _: () = {
            $crate::__exports!($actor);
        };
    };
    ($actor:ty, state) => {
        const _: () = {
            $crate::__exports!($actor);
            $crate::__exports_state!($actor);
        };
    };
}

#[doc(hidden)]
#[cfg(not(target_arch = "wasm32"))]
#[macro_export]
macro_rules! __exports {
    ($actor:ty) => {
        const fn is_an_actor<A: $crate::Actor>() {}
        is_an_actor::<$actor>();
    };
}

#[doc(hidden)]
#[cfg(not(target_arch = "wasm32"))]
#[macro_export]
macro_rules! __exports_state {
    ($actor:ty) => {
        const fn has_state<A: $crate::State>() {}
        has_state::<$actor>();
    };
}

/// The required export and those that the SDK handles by itself.
#[doc(hidden)]
#[cfg(target_arch = "wasm32")]
#[macro_export]
macro_rules! __exports {
    ($actor:ty) => {
        // A component has one thread, and is never entered twice at a time.
        ::std::thread_local! {
            static INSTANCE: ::core::cell::RefCell<$crate::Instance<$actor>> =
                const { ::core::cell::RefCell::new($crate::Instance::new()) };
        }
        struct Exports;

        use $crate::bindings::behavior::exports::greenroom::actor::behavior;
        impl behavior::Guest for Exports {
            fn init(config: ::std::string::String) -> ::core::result::Result<behavior::Started, ::std::string::String> {
                let started = INSTANCE.with_borrow_mut(|instance| instance.init(&config))?;
                Ok(if started { behavior::Started::Ready } else { behavior::Started::Ignore })
            }
            fn handle(
                envelope: behavior::Envelope,
            ) -> ::core::result::Result<behavior::Next, ::std::string::String> {
                INSTANCE.with_borrow_mut(|instance| instance.handle(envelope))
            }
        }
        $crate::bindings::behavior::export!(Exports with_types_in $crate::bindings::behavior);

        #[unsafe(export_name = "greenroom-tray-1")]
        extern "C" fn tray() -> u64 {
            $crate::tray::tray()
        }

        #[unsafe(export_name = "greenroom-handle-1")]
        extern "C" fn handle(
            has_sender: u32,
            node: u64,
            key: u64,
            has_request: u32,
            request: u64,
            has_topic: u32,
            topic: usize,
            kind: usize,
            body: usize,
        ) -> u64 {
            let sender = (has_sender != 0).then_some($crate::Address { node, key });
            let request = (has_request != 0).then_some(request);
            let slip = $crate::tray::Slip { sender, request, topic: (has_topic != 0).then_some(topic), kind, body };
            INSTANCE.with_borrow_mut(|instance| $crate::tray::handle(instance, slip))
        }

        #[unsafe(export_name = "greenroom-answered-1")]
        extern "C" fn answered(request: u64, kind: usize, body: usize) -> u64 {
            INSTANCE.with_borrow_mut(|instance| $crate::tray::answered(instance, request, kind, body))
        }

        use $crate::bindings::signals::exports::greenroom::actor::signals;
        impl signals::Guest for Exports {
            fn exited(
                who: signals::Address,
                why: signals::Reason,
            ) -> ::core::result::Result<signals::Next, ::std::string::String> {
                INSTANCE.with_borrow_mut(|instance| instance.exited(who, why))
            }
            fn down(
                monitor: u64,
                who: signals::Address,
                why: signals::Reason,
            ) -> ::core::result::Result<signals::Next, ::std::string::String> {
                INSTANCE.with_borrow_mut(|instance| instance.down(monitor, who, why))
            }
            fn stopping(why: signals::Reason) {
                INSTANCE.with_borrow_mut(|instance| instance.stopping(why));
            }
        }
        $crate::bindings::signals::export!(Exports with_types_in $crate::bindings::signals);

        use $crate::bindings::replies::exports::greenroom::actor::replies;
        impl replies::Guest for Exports {
            fn answered(
                request: replies::Request,
                answer: ::core::result::Result<replies::Message, replies::AskError>,
            ) -> ::core::result::Result<replies::Next, ::std::string::String> {
                INSTANCE.with_borrow_mut(|instance| instance.answered(request, answer))
            }
        }
        $crate::bindings::replies::export!(Exports with_types_in $crate::bindings::replies);
    };
}

#[doc(hidden)]
#[cfg(target_arch = "wasm32")]
#[macro_export]
macro_rules! __exports_state {
    ($actor:ty) => {
        use $crate::bindings::state::exports::greenroom::actor::state;
        impl state::Guest for Exports {
            fn version() -> u32 {
                <$actor as $crate::State>::VERSION
            }
            fn accepts() -> ::std::vec::Vec<u32> {
                $crate::Instance::<$actor>::accepts()
            }
            fn save() -> ::core::result::Result<::std::vec::Vec<u8>, ::std::string::String> {
                INSTANCE.with_borrow(|instance| instance.save())
            }
            fn restore(
                occasion: state::Occasion,
                config: ::std::string::String,
                version: u32,
                bytes: ::std::vec::Vec<u8>,
            ) -> ::core::result::Result<(), ::std::string::String> {
                let occasion = match occasion {
                    state::Occasion::Swapped => $crate::Occasion::Swapped,
                    state::Occasion::Restarted => $crate::Occasion::Restarted,
                    state::Occasion::Woken => $crate::Occasion::Woken,
                };
                INSTANCE.with_borrow_mut(|instance| instance.restore(occasion, &config, version, &bytes))
            }
        }
        $crate::bindings::state::export!(Exports with_types_in $crate::bindings::state);
    };
}
