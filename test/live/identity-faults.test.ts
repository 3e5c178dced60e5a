import { liveBed } from "../bed/live-bed.ts";
import { identityFaults } from "../contract/identity-faults.contract.ts";
import { TRUST_FAULTS } from "../support/mending/trust-faults.ts";

identityFaults(liveBed, TRUST_FAULTS);
