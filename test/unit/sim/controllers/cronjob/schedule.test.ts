import assert from 'node:assert/strict';
import { formatTime, millisecond } from '../../../../../src/base/time.ts';
import {
  parseSchedule,
  ScheduleError,
} from '../../../../../src/sim/controllers/cronjob/schedule.ts';

/** The next three times after 2026-11-21T04:10:30Z, a Saturday. */
function nextThree(text: string): string[] {
  const schedule = parseSchedule(text);
  const times: string[] = [];
  let time = Date.parse('2026-11-21T04:10:30Z') * millisecond;
  for (let i = 0; i < 3; i++) {
    time = schedule.next(time) ?? Number.NaN;
    times.push(formatTime(time).slice(5, 16));
  }
  return times;
}

describe('schedules of CronJobs', () => {
  const cases: readonly (readonly [text: string, ...times: string[]])[] = [
    ['* * * * *', '11-21T04:11', '11-21T04:12', '11-21T04:13'],
    ['*/20 * * * *', '11-21T04:20', '11-21T04:40', '11-21T05:00'],
    ['5,40-42/2 6 * * *', '11-21T06:05', '11-21T06:40', '11-21T06:42'],
    ['0 9 * * mon-fri', '11-23T09:00', '11-24T09:00', '11-25T09:00'],
    ['0 0 1 * 0', '11-22T00:00', '11-29T00:00', '12-01T00:00'],
    ['0 0 29 2 *', '02-29T00:00', '02-29T00:00', '02-29T00:00'],
    ['@hourly', '11-21T05:00', '11-21T06:00', '11-21T07:00'],
    ['@yearly', '01-01T00:00', '01-01T00:00', '01-01T00:00'],
    ['@every 90s', '11-21T04:12', '11-21T04:13', '11-21T04:15'],
    ['TZ=Asia/Tokyo 0 9 * * *', '11-22T00:00', '11-23T00:00', '11-24T00:00'],
    // The clocks of New York are put forward on 14 March 2027: half past two is not shown that day.
    ['CRON_TZ=America/New_York 30 2 13-15 3 *', '03-13T07:30', '03-15T06:30', '03-13T06:30'],
  ];
  for (const [text, ...times] of cases) it(text, () => assert.deepEqual(nextThree(text), times));

  for (const text of ['* * * *', '61 * * * *', '5-1 * * * *', '*/0 * * * *', '@every soon'])
    it(`refuses ${text}`, () => assert.throws(() => parseSchedule(text), ScheduleError));

  it('has no time for a day that never comes', () => {
    const start = Date.parse('2026-11-21T04:10:30Z') * millisecond;
    assert.equal(parseSchedule('0 0 31 2 *').next(start), undefined);
  });
});
