import { expect, it } from 'vitest';
import { SocketDoor } from './socket-door.js';

const LIMITS = { waiting: 5, strangers: 2, failures: 4, windowMs: 1_000 };
const AT = '192.0.2.1';

function aDoor() {
  const clock = { now: 0 };
  return { door: new SocketDoor(LIMITS, () => clock.now), clock };
}

it('lets any number in that say who they are', () => {
  const { door } = aDoor();
  for (let n = 0; n < 100; n++) {
    expect(door.waitMs(AT)).toBe(0);
    door.enter(AT).isKnown();
  }
});

it('lets few in at once that have not said yet who they are, and others again when one has', () => {
  const { door } = aDoor();
  const visits = Array.from({ length: LIMITS.waiting }, () => door.enter(AT));
  expect(door.waitMs(AT)).toBeGreaterThan(0);
  visits[0]?.isKnown();
  expect(door.waitMs(AT)).toBe(0);
});

it('keeps few strangers of one address at once', () => {
  const { door, clock } = aDoor();
  const visits = Array.from({ length: 3 }, () => door.enter(AT));
  expect(visits.map((visit) => visit.isStranger())).toEqual([true, true, false]);
  visits[2]?.left();
  expect(door.waitMs(AT)).toBeGreaterThan(0);
  visits[0]?.left();
  clock.now = LIMITS.windowMs + 1;
  expect(door.waitMs(AT)).toBe(0);
});

it('lets an address wait that opens one nameless socket after the other, and forgets it in time', () => {
  const { door, clock } = aDoor();
  for (let n = 0; n < LIMITS.failures; n++) {
    expect(door.waitMs(AT)).toBe(0);
    door.enter(AT).left();
  }
  expect(door.waitMs(AT)).toBe(LIMITS.windowMs);
  expect(door.waitMs('192.0.2.2')).toBe(0);
  clock.now = LIMITS.windowMs + 1;
  expect(door.waitMs(AT)).toBe(0);
});

it('counts a socket once, whatever is told of it twice', () => {
  const { door } = aDoor();
  const visit = door.enter(AT);
  for (let n = 0; n < 10; n++) {
    visit.isStranger();
    visit.left();
    visit.isKnown();
  }
  expect(visit.state()).toBe('gone');
  expect(door.waitMs(AT)).toBe(0);
});

it.each([
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'],
  ['2001:db8::1', '2001:db8:0:0:1:2:3:4'],
])('takes %s and %s for the same caller', (one, other) => {
  const { door } = aDoor();
  for (let n = 0; n < LIMITS.failures; n++) door.enter(one).left();
  expect(door.waitMs(other)).toBeGreaterThan(0);
  expect(door.waitMs('2001:db8:1:3::1')).toBe(0);
});

it('remembers no more addresses than fit', () => {
  const { door } = aDoor();
  const stays = door.enter('192.0.2.77');
  for (let n = 0; n < 30_000; n++) door.enter(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`).left();
  stays.left();
  expect((door as unknown as { entries: Map<string, unknown> }).entries.size).toBeLessThan(10_100);
});
