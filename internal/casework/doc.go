// Package casework is the state machine of a case: how one removal goes from being asked for to being proven, and every way
// it can end before that. [Step] takes a case, a moment and an [Input], and returns the new case with what must happen
// elsewhere. It has no clock, does no I/O, draws no random numbers and looks nothing up: whatever it needs to know arrives
// in the input, read by the engine in the transaction that will commit the outcome. Folding a case's recorded inputs through
// Step ([Replay]) gives its row back, on this build and on every later one.
//
// # Stages and moves
//
//	from                     input           to                 when
//	(none)                   Opened          open               the pack allows it (else no case is made)
//	open                     Proved          verifying          something that is asked is still missing
//	open, verifying          Proved          ready              everything asked is there
//	open…ready               Described       (same)             participants were asked again
//	open, verifying          Replaced        (same) or ready    likewise
//	open, verifying          BackedUp        (same) or ready    likewise
//	open…ready               Submitted       reviewing          everything else that is asked is there, and staff decide on what was handed in
//	open…ready               Submitted       awaiting_approval  likewise, and only an organisation decides
//	open…ready               Submitted       verifying          something else is still missing
//	open…ready               Returned        verifying          what was handed in came back: refused, not enough, or taken back
//	open…ready               TimeReached     verifying          nobody decided in time
//	open…ready               TimeReached     verifying          a proof's time is over
//	open…ready               Attested        (same)             a platform spoke for, or against, the device that acts
//	open…ready               Decided         verifying, ready   the pack was asked again, because more is known
//	ready                    Waived          ready              the owner knows what could lock them out (S14)
//	ready                    Confirmed       cooling_off        the decision has a wait
//	ready                    Confirmed       executing          it has none
//	cooling_off              TimeReached     executing          the wait is over and everything asked is still there
//	cooling_off              TimeReached     verifying          the pack asks for more by now
//	executing                LegReported     executing          a participant prepared, committed, was verified
//	executing                LegReported     guarded            every participant is verified, or given up on with its residue open
//	executing                LegReported     compensated        before the commit point, after a refusal: everything is put back
//	guarded                  TimeReached     closed             the window is over and no residue stands
//	guarded                  ResidueCleared  closed             likewise
//	guarded                  LegReported     guarded or closed  a participant that had been given up on answered at last
//	guarded                  Undone          executing          inside the undo window; then compensated
//	open…cooling_off         Cancelled       cancelled
//	open…ready               TimeReached     expired            the case was never confirmed
//	open…cooling_off         Frozen          frozen             the account was frozen (S13)
//	frozen                   Thawed          open               every proof is dead; verification starts again
//	executing                Frozen          executing          before the commit point: it is taken back; after it: only forward
//	open…ready               StepDone        (same) or ready    a step of the playbook is done, or StepDeclined: knowingly left out
//	open…ready, guarded      StepFailed      (same)             nobody could be asked whether it is done
//	guarded                  StepDone        closed             likewise, with the window over, no residue standing and no other step open
//	any but frozen, ended    Carried         (same)             an identity was proven for the first time in this very case (S17)
//
// open…ready stands for open, verifying, reviewing, awaiting_approval and ready. A case in which something lies with others is
// verifying until the person has done all of their part, then reviewing or awaiting_approval; a proof of the factor ends the wait,
// and so does one of another factor that the requirement accepts instead. It does not expire meanwhile: what is handed in pushes the
// end out ([Submitted]). A freeze voids it with the proofs.
//
// Anything else is refused with CodeCaseClosed (a case that has ended), CodeFrozen (a frozen one) or CodeConflict.
//
// # The commit point
//
// A removal is prepared at every participant, then passes one moment, the commit point, at which the binding goes here
// ([Outcome].Remove), then is committed and verified at every participant. Before that moment a refusal, a freeze or a
// silence of a required participant takes everything back; after it the case goes only forward, or back as a whole by the
// undo window (S21). At the commit point itself the input's [Ground] must show that the account keeps a usable way in
// and its owner a way back after every required loss, or their waiver of it (S14), that it is not frozen and has the freeze
// epoch of the case (S13), and that the pack, asked again, asks nothing that is missing (S15).
//
// # Playbooks
//
// A case whose decision names a playbook takes it up, once, and keeps it. A step is ready when all that it waits for is settled, and
// nothing else makes it so (P6); the removal is one of the steps, and is refused before its turn. Steps after the removal keep the case
// guarded until they are settled.
//
// A case with an open residue stays guarded after its window: it says so until it is cleared (F4).
package casework
