import { liveBed } from "../bed/live-bed.ts";
import { identityFaults } from "../contract/identity-faults.contract.ts";
import { ACCOUNT_FAULTS } from "../support/identity/account-faults.ts";
import { PERMISSION_FAULTS } from "../support/identity/permission-faults.ts";
import { TRUST_FAULTS } from "../support/identity/trust-faults.ts";

identityFaults(liveBed, [...TRUST_FAULTS, ...ACCOUNT_FAULTS, ...PERMISSION_FAULTS]);
