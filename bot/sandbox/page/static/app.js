// Starts the page: each part puts itself in its place and listens, then a person looks in.

import { mountChannel } from "./channel.js";
import { mountComposer } from "./composer.js";
import { mountCurtain } from "./curtain.js";
import { mountMenu } from "./menu.js";
import { mountPeople } from "./people.js";
import { mountPlaces } from "./places.js";
import { become, state } from "./store.js";
import { startClock } from "./time.js";

mountPeople();
mountPlaces();
mountChannel();
mountComposer();
mountMenu();
mountCurtain();
startClock();
become(state.person);
