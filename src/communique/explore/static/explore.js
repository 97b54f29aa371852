// Small comforts; every page reads and filters without them.
"use strict";
