import { liveBed } from "../bed/live-bed.ts";
import { keyFaults } from "../contract/key-faults.contract.ts";
import { KEY_FAULTS } from "../support/mending/key-faults.ts";

keyFaults(liveBed, KEY_FAULTS);
