// A notebook for the browser test of live games; not part of the course.

// %% id="imports"
import { loadAgent, play, startRun, watch } from 'breakout-dqn';

// %% id="play"
const game = await play();

// %% id="score"
console.log(`${game.frame > 0 ? 'played' : 'not played'}, ${game.transitions().length > 0}`);

// %% id="watch"
await watch(await loadAgent());

// %% id="endless"
while (true as boolean) {} // holds the game up until it is interrupted

// %% id="train"
await startRun({ name: 'beside', preset: 'quick', totalSteps: 100_000 });
