// What every page does: theme, rail, search key, menus, messages, announcements, tables.
import "./announce.js";
import "./bulk.js";
import "./frame.js";
import "./tables.js";
