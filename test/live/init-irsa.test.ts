import { liveBed } from "../bed/live-bed.ts";
import { initIrsaContract } from "../contract/init-irsa.contract.ts";

initIrsaContract(liveBed);
