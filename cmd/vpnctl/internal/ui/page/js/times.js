// Times and durations for people: in the reader's zone, absolute and relative.
import { lang } from './words.js';

const locale = () => (lang() === 'zh' ? 'zh-CN' : 'en-GB');

// at writes a time with its date, unless it is today, and with its zone.
export function at(text, seconds) {
  const t = new Date(text);
  if (Number.isNaN(t.getTime())) return '';
  const today = new Date().toDateString() === t.toDateString();
  return new Intl.DateTimeFormat(locale(), {
    ...(today ? {} : { year: 'numeric', month: 'short', day: 'numeric' }), hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23', timeZoneName: 'short',
  }).format(t);
}

const units = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

// relative writes how far ahead or ago a time is: "in 5 minutes".
export function relative(text) {
  const seconds = Math.round((new Date(text) - Date.now()) / 1000);
  const [unit, size] = units.find(([, s]) => Math.abs(seconds) >= s * 2) ?? units[3];
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

// both writes a time both ways.
export const both = (text) => (text ? at(text) + ' (' + relative(text) + ')' : '');

const short = { en: [' d', ' h', ' min', ' s', ' ms'], zh: [' 天', ' 小时', ' 分', ' 秒', ' 毫秒'] };

// span writes a duration with its two largest units: "2 h 5 min".
export function span(ms) {
  if (ms < 1000) return Math.round(ms) + short[lang()][4];
  let rest = Math.round(ms / 1000);
  const parts = [];
  units.forEach(([, size], i) => {
    const n = Math.floor(rest / size);
    rest -= n * size;
    if (n > 0) parts.push(n + short[lang()][i]);
  });
  return parts.slice(0, 2).join(' ');
}

export const between = (a, b) => Math.max(0, new Date(b) - new Date(a));

// timeOf is an element with both forms, for a time that people compare.
export function timeOf(make, text, seconds) {
  return make('time', { datetime: text, title: text }, at(text, seconds));
}
