import { launchChromium, takePicture } from './browser.mjs';
import { until } from './until.mjs';
const link = process.argv[2];
const b = await launchChromium();
for (const [name, o] of [['desktop', {width:1280,height:900,scheme:'light'}],['phone-dark',{width:390,height:844,scheme:'dark'}]]) {
  const c = await b.createBrowserContext(); const p = await c.newPage();
  p.on('console', m => console.log(m.type(), m.text())); p.on('pageerror', e => console.log('ERR', e.message));
  await p.setViewport({width:o.width,height:o.height}); await p.emulateMediaFeatures([{name:'prefers-color-scheme',value:o.scheme}]);
  await p.goto(link, {waitUntil:'load'});
  await until('end', () => p.evaluate(() => !document.querySelector('.end')?.hidden));
  console.log(await p.$eval('.report', e => e.textContent));
  await p.screenshot({path:`/tmp/doc-${name}${process.argv[3]??''}.png`, fullPage:true});
}
await b.close();
