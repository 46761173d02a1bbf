import { LoggerLevel } from './enums';

const WEIGHT: Record<LoggerLevel, number> = { NONE: 0, ERROR: 1, WARNING: 2, INFO: 3 };

/**
 * The only way to the console, errors only unless the application chooses otherwise. Keys, tokens and SDP are never
 * handed to it.
 */
export class Logger {
  private level: LoggerLevel = LoggerLevel.ERROR;

  setLevel(level: LoggerLevel): LoggerLevel {
    if (Object.hasOwn(WEIGHT, level)) this.level = level;
    return this.level;
  }

  error(message: string, ...details: unknown[]): void {
    if (WEIGHT[this.level] >= 1) console.error(`[offhook] ${message}`, ...details);
  }

  warn(message: string, ...details: unknown[]): void {
    if (WEIGHT[this.level] >= 2) console.warn(`[offhook] ${message}`, ...details);
  }

  info(message: string, ...details: unknown[]): void {
    if (WEIGHT[this.level] >= 3) console.info(`[offhook] ${message}`, ...details);
  }
}
