import { liveBed } from "../bed/live-bed.ts";
import { identityFaults } from "../contract/identity-faults.contract.ts";
import { ACCOUNT_FAULTS } from "../support/mending/account-faults.ts";
import { PERMISSION_FAULTS } from "../support/mending/permission-faults.ts";

identityFaults(liveBed, [...ACCOUNT_FAULTS, ...PERMISSION_FAULTS]);
