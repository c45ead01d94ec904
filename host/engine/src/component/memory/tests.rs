//! A memory is zero when it is new, whatever was in the block before, and keeps what it holds when it moves.

use super::*;

const PAGE: usize = 64 << 10;

fn memory(memories: &Arc<Memories>, bytes: usize) -> Box<dyn LinearMemory> {
    let ty = MemoryType::new(0, None);
    Creator(memories.clone()).new_memory(ty, bytes, None, Some(0), 0).expect("there is room")
}

fn bytes(memory: &mut dyn LinearMemory) -> &mut [u8] {
    // SAFETY: what a memory promises, and nobody else has it.
    unsafe { std::slice::from_raw_parts_mut(memory.as_ptr(), memory.byte_size()) }
}

fn is_zero(memory: &mut dyn LinearMemory) -> bool {
    bytes(memory).iter().all(|byte| *byte == 0)
}

fn free(memories: &Memories, size: usize) -> (usize, usize) {
    let blocks = memories.blocks(size);
    (blocks.warm.len(), blocks.cold.len())
}

#[test]
fn a_block_that_little_was_written_to_is_kept_warm_and_zero() {
    let memories = Memories::new(&Arc::new(Pages::open()));
    let mut first = memory(&memories, 3 * PAGE);
    let place = first.as_ptr();
    bytes(&mut *first)[70_000..75_000].fill(7);
    bytes(&mut *first)[3 * PAGE - 1] = 7;
    assert_eq!(memories.live(), 1);
    let before = free(&memories, 2);
    drop(first);
    assert_eq!(free(&memories, 2), (before.0 + 1, before.1));
    // The same block, with more of it in use than before.
    let mut second = memory(&memories, 4 * PAGE);
    assert_eq!(second.as_ptr(), place);
    assert!(is_zero(&mut *second));
}

#[test]
fn a_block_that_much_was_written_to_loses_its_pages() {
    let memories = Memories::new(&Arc::new(Pages::open()));
    let mut first = memory(&memories, 4 * PAGE);
    let place = first.as_ptr();
    bytes(&mut *first).fill(7);
    drop(first);
    assert_eq!(free(&memories, 2).0, 0);
    let mut second = memory(&memories, 4 * PAGE);
    assert_eq!(second.as_ptr(), place);
    assert!(is_zero(&mut *second));
}

#[test]
fn without_a_page_map_nothing_is_left_either() {
    let memories = Memories::new(&Arc::new(Pages::none()));
    let mut first = memory(&memories, PAGE);
    bytes(&mut *first).fill(7);
    first.grow_to(2 * PAGE).expect("there is room");
    assert!(bytes(&mut *first)[..PAGE].iter().all(|byte| *byte == 7));
    drop(first);
    assert!(is_zero(&mut *memory(&memories, PAGE)));
    assert!(is_zero(&mut *memory(&memories, 2 * PAGE)));
}

#[test]
fn what_grows_out_of_its_block_keeps_what_it_holds() {
    let memories = Memories::new(&Arc::new(Pages::open()));
    let mut moved = memory(&memories, PAGE);
    for pages in [2, 3, 5, 9, 17, 500, 1024] {
        let last = moved.byte_size() - 1;
        let stays = moved.byte_capacity() >= pages * PAGE;
        let place = moved.as_ptr();
        bytes(&mut *moved)[last] = pages as u8;
        moved.grow_to(pages * PAGE).expect("there is room");
        assert_eq!(stays, moved.as_ptr() == place);
        assert_eq!(bytes(&mut *moved)[last], pages as u8);
        assert!(bytes(&mut *moved)[last + 1..].iter().all(|byte| *byte == 0));
    }
    let why = moved.grow_to(1025 * PAGE).expect_err("it is more than there can be").to_string();
    assert!(why.contains("64 MiB"), "{why}");
    assert_eq!(moved.byte_size(), 1024 * PAGE);
    drop(moved);
    // The blocks that it has been in are free, and zero.
    for pages in [1, 2, 4, 8, 16] {
        assert!(is_zero(&mut *memory(&memories, pages * PAGE)), "{pages}");
    }
    assert_eq!(memories.live(), 0);
}

#[test]
fn no_two_have_the_same_block() {
    let memories = Memories::new(&Arc::new(Pages::open()));
    // More than one mapping has.
    let mut all: Vec<_> = (0..200_u8).map(|number| (number, memory(&memories, 2 * PAGE))).collect();
    for (number, memory) in &mut all {
        bytes(&mut **memory).fill(*number);
    }
    for (number, memory) in &mut all {
        assert!(bytes(&mut **memory).iter().all(|byte| byte == number), "{number}");
    }
}

#[test]
fn an_engine_that_leaves_checks_out_gets_none() {
    let refused = |reserved, guard| {
        Creator(Memories::new(&Arc::new(Pages::open())))
            .new_memory(MemoryType::new(1, None), PAGE, None, Some(reserved), guard)
            .is_err()
    };
    assert!(!refused(0, 0));
    assert!(refused(4 << 30, 0));
    assert!(refused(0, 64 << 10));
}

#[test]
fn no_more_is_kept_warm_than_may_be() {
    let memories = Memories::new(&Arc::new(Pages::open()));
    let most = WARM / KEPT;
    let mut all: Vec<_> = (0..most + 10).map(|_| memory(&memories, 4 * PAGE)).collect();
    for memory in &mut all {
        bytes(&mut **memory)[..KEPT].fill(7);
    }
    drop(all);
    assert_eq!(free(&memories, 2).0, most);
    // Who takes one makes room for another one. To look at more of it would be to touch it.
    let mut first = memory(&memories, 4 * PAGE);
    assert!(bytes(&mut *first)[..KEPT].iter().all(|byte| *byte == 0));
    assert_eq!(free(&memories, 2).0, most - 1);
    bytes(&mut *first)[..KEPT].fill(7);
    drop(first);
    assert_eq!(free(&memories, 2).0, most);
}
