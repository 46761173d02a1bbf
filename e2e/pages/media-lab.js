/** In the page, before the SDK: a microphone and a camera that are told apart, and a look into files. */

window.lab = {
  /** From now on the microphone hums at `hertz`, and the camera shows `colour`. */
  async pretend({ hertz, colour, width = 640, height = 360 }) {
    const context = new AudioContext();
    await context.resume();
    navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
      const tracks = [];
      if (audio) {
        const hum = new OscillatorNode(context, { frequency: hertz });
        const microphone = context.createMediaStreamDestination();
        hum.connect(new GainNode(context, { gain: 0.3 })).connect(microphone);
        hum.start();
        tracks.push(...microphone.stream.getTracks());
      }
      if (video) tracks.push(window.lab.picture(colour, width, height));
      return new MediaStream(tracks);
    };
  },

  /** A track that shows a colour, and a corner that changes with every frame. */
  picture(colour, width, height) {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const brush = canvas.getContext('2d');
    let count = 0;
    const draw = () => {
      brush.fillStyle = colour;
      brush.fillRect(0, 0, width, height);
      brush.fillStyle = `hsl(${(count += 20)} 100% 50%)`;
      brush.fillRect(0, 0, 16, 16);
    };
    draw();
    const timer = setInterval(draw, 50);
    const [track] = canvas.captureStream(20).getVideoTracks();
    const stop = track.stop;
    track.stop = () => {
      clearInterval(timer);
      stop.call(track);
    };
    return track;
  },

  /** Plays a file to its end: how long it was, its size, and which colour its middle had when, in thirds of a second. */
  async play(base64, type) {
    const element = document.createElement('video');
    element.muted = true;
    element.src = URL.createObjectURL(fileOf(base64, type));
    const colours = [];
    await new Promise((resolve, reject) => {
      element.onerror = () => reject(new Error(`it does not play: ${element.error?.message}`));
      element.onended = resolve;
      element.play().catch(reject);
      const look = setInterval(() => {
        if (element.ended || element.error) clearInterval(look);
        else if (element.videoWidth > 0) colours.push(window.lab.colourOf(element));
      }, 333);
    });
    return { seconds: element.currentTime, duration: element.duration, width: element.videoWidth, height: element.videoHeight, colours };
  },

  /** The colour in the middle of what an element shows: its strongest part, or black. */
  colourOf(element) {
    const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 16 });
    const brush = canvas.getContext('2d');
    brush.drawImage(element, 0, 0, 16, 16);
    const [red, green, blue] = brush.getImageData(8, 8, 1, 1).data;
    const strongest = Math.max(red, green, blue);
    if (strongest < 60) return 'black';
    return ['red', 'green', 'blue'][[red, green, blue].indexOf(strongest)];
  },

  /** How loud each of some tones is in a file's sound, half a second after half a second; and how long that is. */
  async listen(base64, tones) {
    const sound = await new OfflineAudioContext(1, 1, 48_000).decodeAudioData(await fileOf(base64).arrayBuffer());
    const samples = sound.getChannelData(0);
    const step = sound.sampleRate / 2;
    const loudness = tones.map(() => []);
    for (let from = 0; from + step <= samples.length; from += step) {
      tones.forEach((hertz, tone) => loudness[tone].push(goertzel(samples.subarray(from, from + step), hertz / sound.sampleRate)));
    }
    return { seconds: sound.duration, loudness };
  },
};

function fileOf(base64, type) {
  return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], type ? { type } : {});
}

/** The amplitude of one frequency. */
function goertzel(samples, cycles) {
  const turn = 2 * Math.cos(2 * Math.PI * cycles);
  let [last, before] = [0, 0];
  for (const sample of samples) [last, before] = [sample + turn * last - before, last];
  return (2 * Math.sqrt(Math.max(0, last * last + before * before - turn * last * before))) / samples.length;
}
